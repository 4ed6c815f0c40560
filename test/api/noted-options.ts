// A gateway that notes with what options front ends ask it.

import type { CallOptions } from "../../src/core/call.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import type { RunParts } from "../../src/core/assemble-gateway.ts";
import { defaultKeptLimits, defaultRunLimits } from "../../src/core/runs/run-settings.ts";

export interface NotedGateway extends Gateway {
  /** In order. */
  readonly options: Partial<CallOptions>[];
}

export function notedOptions(gateway: Gateway): NotedGateway {
  const options: Partial<CallOptions>[] = [];
  return {
    ...gateway,
    options,
    chat(request, given = {}) {
      options.push(given);
      return gateway.chat(request, given);
    },
    embed(request, given = {}) {
      options.push(given);
      return gateway.embed(request, given);
    },
    stream(request, given = {}) {
      options.push(given);
      return gateway.stream(request, given);
    },
    resume(id, afterSequence, given = {}) {
      options.push(given);
      return gateway.resume(id, afterSequence, given);
    },
  };
}

/** Runs whose logs hold next to nothing: what was read is no longer kept. */
export const shortLogs: RunParts = {
  limits: { ...defaultRunLimits, logMaxBytes: 1 },
  kept: defaultKeptLimits,
};
