// A gateway whose streams fail as a test says, for the errors that the core raises only with later stages.

import type { ChatEvent } from "../../../src/core/chat/events.ts";
import { type ErrorCode, GatewayError } from "../../../src/core/errors.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import type { Numbered, ReplyMeta } from "../../../src/core/reply.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";

export const meta: ReplyMeta = {
  requestId: "id-1",
  correlationId: "mine",
  provider: "first",
  model: "m",
  modelServed: "m-2026",
  route: "default",
  attempts: 2,
  cacheStatus: "bypass",
  latencyMs: 12.5,
  costNanos: 1_500n,
  losses: [{ field: "sampling.topK", detail: "The provider has no such setting." }],
};

const errorOf = (code: ErrorCode): GatewayError =>
  new GatewayError({
    code,
    message: `It is ${code}.`,
    field: "messages[0].role",
    retryAfterMs: 1_500,
    attempts: [{ provider: "first", model: "m", failure: "rate_limited", message: "Slow.", httpStatus: 429 }],
    meta,
  });

const delta: Numbered<ChatEvent> = { type: "part_delta", sequence: 0, index: 0, text: "Hel" };

export function createFailingGateway(code: ErrorCode, when: "before" | "after"): Gateway {
  const { gateway } = createTestGateway({ providers: { first: createScriptedProvider(textScript("Hi")) } });
  return {
    ...gateway,
    chat: () => Promise.reject(errorOf(code)),
    stream: () =>
      when === "before" ? Promise.reject(errorOf(code)) : Promise.resolve({ meta, events: failing(code) }),
  };
}

async function* failing(code: ErrorCode): AsyncGenerator<Numbered<ChatEvent>> {
  yield delta;
  throw errorOf(code);
}
