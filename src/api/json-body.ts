// The body of a request, as parsed JSON.

import type { IncomingMessage } from "node:http";
import { invalidRequest } from "../core/errors.ts";
import type { JsonValue } from "../core/json.ts";
import { jsonText } from "./json-text.ts";
import { readBody } from "./read-body.ts";
import { requireJson } from "./require-json.ts";

/** @throws GatewayError `invalid_request`, `payload_too_large`, `cancelled` */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<JsonValue> {
  requireJson(request.headers);
  const text = jsonText(await readBody(request, maxBytes));
  if (text === "") throw invalidRequest("body", "is empty; send a JSON object");
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "no JSON";
    throw invalidRequest("body", `is not valid JSON (${reason})`);
  }
}
