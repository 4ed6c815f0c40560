import type { IncomingHttpHeaders } from "node:http";
import { invalidRequest } from "../core/errors.ts";
import { quotable } from "../core/field-rules.ts";

/**
 * A web page can send text, forms or nothing at all to another origin without asking first (Fetch, "CORS-
 * safelisted request-header"): a gateway that took them without a key would work for any page.
 * @throws GatewayError `invalid_request` for bodies of another type, charset or encoding than plain JSON
 */
export function requireJson(headers: IncomingHttpHeaders): void {
  const { "content-type": type, "content-encoding": encoding } = headers;
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw invalidRequest(
      "content-encoding",
      `must be absent, not ${quotable(encoding)}; send the body uncompressed`,
    );
  }
  if (type === "application/json") return;
  const [mediaType, ...parameters] = (type ?? "").toLowerCase().split(";");
  if (mediaType?.trim() !== "application/json") {
    throw invalidRequest("content-type", `must be application/json, not ${quotable(type ?? "absent")}`);
  }
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith("charset="));
  if (charset === undefined || /^charset="?utf-?8"?$/.test(charset)) return;
  throw invalidRequest("content-type", "has a charset other than utf-8; encode the body as UTF-8");
}
