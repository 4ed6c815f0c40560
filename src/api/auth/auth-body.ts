// Bodies of log-in, refresh and log-out: a short JSON object of a few members.

import type { IncomingMessage } from "node:http";
import { GatewayError, invalidRequest } from "../../core/errors.ts";
import { quotable } from "../../core/field-rules.ts";
import { jsonText } from "../json-text.ts";
import { readBody } from "../read-body.ts";
import { requireJson } from "../require-json.ts";

export type AuthBody = ReadonlyMap<string, unknown>;

const maxBytes = 16_384;

/**
 * A member that is null counts as absent. Without a body there are none.
 * @throws GatewayError `invalid_request` for what is no JSON object, or has members besides; `payload_too_large`
 */
export async function readAuthBody(request: IncomingMessage, known: readonly string[]): Promise<AuthBody> {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (encoding === undefined && Number(length ?? 0) === 0) return new Map();
  requireJson(request.headers);
  const body = parse(jsonText(await readBody(request, maxBytes).catch(tooLong)));
  const members = Object.entries(body).filter(([, value]) => value !== null);
  for (const [name] of members) {
    if (known.includes(name)) continue;
    throw invalidRequest(quotable(name), `is not known here; known are ${known.join(", ")}`);
  }
  return new Map(members);
}

function tooLong(error: unknown): never {
  if (!(error instanceof GatewayError) || error.code !== "payload_too_large") throw error;
  throw new GatewayError({
    code: "payload_too_large",
    message: `The body is longer than the ${maxBytes} bytes that are allowed here.`,
  });
}

function parse(text: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own words would quote the password.
    throw invalidRequest("body", "is not valid JSON");
  }
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw invalidRequest("body", "must be a JSON object");
}

/** @throws GatewayError `invalid_request` */
export function optionalText(body: AuthBody, name: string): string | undefined {
  const value = body.get(name);
  if (value === undefined || typeof value === "string") return value;
  throw invalidRequest(name, "must be a string");
}

/** @throws GatewayError `invalid_request` */
export function requiredText(body: AuthBody, name: string): string {
  const value = optionalText(body, name);
  if (value !== undefined && value !== "") return value;
  throw invalidRequest(name, "is missing; it must be a string that is not empty");
}

/** Absent: false. @throws GatewayError `invalid_request` */
export function optionalFlag(body: AuthBody, name: string): boolean {
  const value = body.get(name) ?? false;
  if (typeof value === "boolean") return value;
  throw invalidRequest(name, "must be true or false");
}
