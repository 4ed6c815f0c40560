// The body of a request, as parsed JSON.

import type { IncomingMessage } from "node:http";
import { invalidRequest } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { decodeUtf8, readBody } from "../read-body.ts";

/** @throws GatewayError `invalid_request`, `payload_too_large`, `cancelled` */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<JsonValue> {
  requireJson(request.headers["content-type"]);
  const text = decodeUtf8(await readBody(request, maxBytes));
  if (text === "") throw invalidRequest("body", "is empty; send a JSON object");
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "no JSON";
    throw invalidRequest("body", `is not valid JSON (${reason})`);
  }
}

/**
 * A web page can send text, forms or nothing at all to another origin without asking first (Fetch, "CORS-
 * safelisted request-header"): a gateway that took them without a key would work for any page.
 */
function requireJson(contentType: string | undefined): void {
  if (contentType === "application/json") return;
  const [mediaType, ...parameters] = (contentType ?? "").toLowerCase().split(";");
  if (mediaType?.trim() !== "application/json") {
    throw invalidRequest("content-type", `must be application/json, not ${contentType ?? "absent"}`);
  }
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith("charset="));
  if (charset === undefined || /^charset="?utf-?8"?$/.test(charset)) return;
  throw invalidRequest("content-type", "has a charset other than utf-8; encode the body as UTF-8");
}
