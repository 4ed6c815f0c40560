// The one way in which bodies are read: bounded, whole, and fatal about bytes that are not UTF-8.

import type { IncomingMessage } from "node:http";
import { GatewayError } from "../core/errors.ts";
import { createBodyBuffer } from "./body-buffer.ts";

export const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError({
    code: "payload_too_large",
    message: `The body is longer than the ${maxBytes} bytes that are allowed. Send less, or raise MAX_BODY_BYTES.`,
  });

const callerLeft = () =>
  new GatewayError({ code: "cancelled", message: "The caller went away while sending." });

/**
 * @throws GatewayError `payload_too_large` as soon as the limit is passed (at once where the length was
 * announced), `cancelled` when the caller goes away
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) {
      reject(tooLarge(maxBytes));
      return;
    }
    if (request.destroyed && !request.complete) {
      reject(callerLeft());
      return;
    }
    const body = createBodyBuffer(maxBytes);
    let length = 0;
    let over = false;
    const onData = (chunk: Buffer) => {
      if (over) return;
      length += chunk.length;
      if (length <= maxBytes) {
        body.add(chunk);
        return;
      }
      over = true;
      request.pause();
      reject(tooLarge(maxBytes));
    };
    const onEnd = () => {
      if (!over) resolve(body.whole());
      over = true;
    };
    // Every request is closed at last: mostly one that was read whole.
    const onGone = () => {
      if (!over) reject(callerLeft());
      over = true;
    };
    request.on("data", onData);
    request.on("end", onEnd);
    request.on("close", onGone);
    request.on("error", onGone);
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws GatewayError `invalid_request` */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new GatewayError({
      code: "invalid_request",
      field: "body",
      message: "body: is not valid UTF-8. Encode the text as UTF-8.",
      cause,
    });
  }
}
