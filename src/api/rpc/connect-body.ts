// Bodies of Connect and gRPC-Web requests. Connect's own reader takes invalid UTF-8 for U+FFFD, calls
// malformed bytes an internal error and has no details for its errors, so the body is read here and Connect is
// given an empty message in its place.

import type { IncomingMessage } from "node:http";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { GatewayError, invalidRequest } from "../../core/errors.ts";
import { readBody } from "../read-body.ts";
import { decodeBinary, decodeJson } from "./decode-request.ts";
import type { Decompress } from "./decompress.ts";

export interface BodyForm {
  readonly json: boolean;
  /** Framed by a byte of flags and four of length, as streams of Connect and all of gRPC-Web are. */
  readonly enveloped: boolean;
  /** The header that names the compression. */
  readonly encodingHeader: string;
}

const compressedFlag = 1;
const envelopeBytes = 5;

/** By the content type; undefined for one that Connect refuses. */
export function bodyForm(contentType: string | undefined): BodyForm | undefined {
  const match = /^application\/(connect\+|grpc-web\+?)?(json|proto)?(; ?charset=utf-?8)?$/i.exec(
    contentType ?? "",
  );
  if (match === null) return undefined;
  const framing = match[1]?.toLowerCase() ?? "";
  const json = match[2]?.toLowerCase() === "json";
  if (framing === "") return { json, enveloped: false, encodingHeader: "content-encoding" };
  const grpcWeb = framing.startsWith("grpc-web");
  return { json, enveloped: true, encodingHeader: grpcWeb ? "grpc-encoding" : "connect-content-encoding" };
}

/** What stands for the message that was read here. */
export function emptyMessage({ json, enveloped }: BodyForm): Uint8Array {
  const message = json ? Buffer.from("{}") : new Uint8Array(0);
  return enveloped ? encodeEnvelope(0, message) : message;
}

/** @throws GatewayError `invalid_request`, `payload_too_large`, `cancelled` */
export async function readMessage<S extends DescMessage>(
  schema: S,
  options: {
    readonly request: IncomingMessage;
    readonly form: BodyForm;
    readonly maxBodyBytes: number;
    readonly decompress: Decompress;
  },
): Promise<MessageShape<S>> {
  const { request, form, maxBodyBytes, decompress } = options;
  if (request.destroyed) {
    throw new GatewayError({ code: "cancelled", message: "The caller went away while sending." });
  }
  const body = await readBody(request, maxBodyBytes);
  const { bytes, compressed } = form.enveloped ? unwrap(body) : { bytes: body, compressed: true };
  const encoding = String(request.headers[form.encodingHeader] ?? "identity");
  const isPacked = compressed && encoding !== "identity" && bytes.length > 0;
  const message = isPacked ? await decompress(bytes, encoding) : bytes;
  return form.json ? decodeJson(schema, message) : decodeBinary(schema, message);
}

function unwrap(body: Buffer): { bytes: Buffer; compressed: boolean } {
  if (body.length < envelopeBytes) throw invalidRequest("body", "holds no message in an envelope");
  const bytes = body.subarray(envelopeBytes);
  const announced = body.readUInt32BE(1);
  if (bytes.length === announced) return { bytes, compressed: (body.readUInt8(0) & compressedFlag) !== 0 };
  throw invalidRequest(
    "body",
    `must hold one message of the length that its envelope announces, ${announced} bytes, not ${bytes.length}`,
  );
}
