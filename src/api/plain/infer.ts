// `POST /infer`: one prompt, one text.

import type { IncomingMessage, ServerResponse } from "node:http";
import { textOf } from "../../core/ask.ts";
import type { ChatRequest } from "../../core/chat/request.ts";
import { GatewayError, invalidRequest } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { JsonValue } from "../../core/json.ts";
import { readCaller } from "../caller.ts";
import { callerGone, connectionOf } from "../http-front-end.ts";
import { readJsonBody } from "../json-body.ts";
import { isObject, optionalNumber, optionalString, refuseUnknown, requiredString } from "../json-fields.ts";
import type { KnownError } from "../known-error.ts";
import { addLimitHeaders } from "../limit-headers.ts";
import { replyHeaders } from "../reply-headers.ts";
import { sendJsonText } from "../send-json-text.ts";

export interface InferPorts {
  readonly gateway: Gateway;
  readonly maxBodyBytes: number;
  readonly known: KnownError;
}

/** @throws GatewayError */
export async function answerInfer(
  { gateway, maxBodyBytes, known }: InferPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const caller = await readCaller(gateway.access, connectionOf(request));
  const asked = readInference(await readJsonBody(request, maxBodyBytes));
  try {
    const reply = await gateway.chat(asked, { ...caller, signal: callerGone(response) });
    const { provider, latencyMs, costNanos } = reply.meta;
    const text = JSON.stringify({
      output: textOf(reply),
      provider,
      latency_ms: latencyMs === undefined ? null : Math.round(latencyMs * 10) / 10,
      // In dollars. Null: no price is known.
      cost: costNanos === undefined || costNanos === null ? null : Number(costNanos) / 1e9,
    });
    const headers = replyHeaders(reply.meta);
    addLimitHeaders(headers, reply.meta);
    sendJsonText(response, text, headers);
  } catch (error) {
    throw inItsWords(known(error));
  }
}

const fields: ReadonlySet<string> = new Set(["model", "prompt", "max_tokens"]);

/** `{"model"?: string, "prompt": string, "max_tokens"?: number}` @throws GatewayError `invalid_request` */
function readInference(body: JsonValue): ChatRequest {
  if (!isObject(body)) throw invalidRequest("body", "must be a JSON object");
  refuseUnknown(body, fields, "");
  return {
    model: optionalString(body, "model"),
    messages: [{ role: "user", parts: [{ type: "text", text: requiredString(body, "prompt") }] }],
    maxOutputTokens: optionalNumber(body, "max_tokens"),
  };
}

const fieldNames: readonly (readonly [string, string])[] = [
  ["messages[0].parts[0].text", "prompt"],
  ["maxOutputTokens", "max_tokens"],
];

/** The core's fields by the names that the caller wrote. */
function inItsWords(error: GatewayError): GatewayError {
  const named = fieldNames.find(([field]) => field === error.field);
  if (named === undefined) return error;
  const [field, name] = named;
  const { code, message, retryAfterMs, attempts, meta, limits, cause } = error;
  const worded = message.replaceAll(field, name);
  return new GatewayError({
    code,
    message: worded,
    field: name,
    retryAfterMs,
    attempts,
    meta,
    limits,
    cause,
  });
}
