// Plain HTTP beside the vendors' formats: one prompt for one text, what each key used, and the audit trail.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import type { ReportFault } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import { sendErrorJson } from "../error-json.ts";
import { type HttpFrontEnd, pathOf } from "../http-front-end.ts";
import { createKnownError } from "../known-error.ts";
import { otherMethod } from "../refused-request.ts";
import { answerAuditExport } from "./audit-export.ts";
import { answerInfer } from "./infer.ts";
import { answerUsageByKey } from "./usage-by-key.ts";

export interface PlainFrontEndOptions {
  readonly gateway: Gateway;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  /** Whether what administrators ask is served too. */
  readonly administration: boolean;
  /** Hears of what nobody foresaw; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
}

interface Endpoint {
  readonly method: "GET" | "POST";
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Serves `/infer`, and for administrators `/analytics/usage-by-key` and `/audit/export`. */
export function createPlainFrontEnd(options: PlainFrontEndOptions): HttpFrontEnd {
  const { gateway, maxBodyBytes, clock } = options;
  const known = createKnownError(options.reportFault);
  const calls: Readonly<Record<string, Endpoint>> = {
    "/infer": {
      method: "POST",
      answer: (request, response) => answerInfer({ gateway, maxBodyBytes, known }, request, response),
    },
  };
  const administration: Readonly<Record<string, Endpoint>> = {
    "/analytics/usage-by-key": {
      method: "GET",
      answer: (request, response) => answerUsageByKey({ gateway, clock }, request, response),
    },
    "/audit/export": {
      method: "GET",
      answer: (request, response) => answerAuditExport(gateway, request, response),
    },
  };
  const endpoints = new Map(Object.entries(options.administration ? { ...calls, ...administration } : calls));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const endpoint = endpoints.get(pathOf(request));
    const exchange = { request, response };
    try {
      if (endpoint === undefined) throw new Error("A path came here that is none of ours.");
      if (request.method === endpoint.method) await endpoint.answer(request, response);
      else {
        const { method } = endpoint;
        sendErrorJson(exchange, otherMethod(request, method), { status: 405, headers: { allow: method } });
      }
    } catch (error) {
      sendErrorJson(exchange, known(error));
    }
  }

  return {
    endpoints: Array.from(endpoints, ([path, { method }]) => ({ method, path })),
    serves: (path) => endpoints.has(path),
    handle: (request, response) => void serve(request, response),
  };
}
