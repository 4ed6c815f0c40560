// Whatever a call throws, as the status of gRPC.

import { toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../generated/proto/google/rpc/status_pb.ts";
import { errorTable, toGatewayError } from "../../core/errors.ts";
import { addLimitHeaders } from "../limit-headers.ts";
import { replyHeaders } from "../reply-headers.ts";
import { errorInfo, retryInfo, wireMessage } from "./error-details.ts";

export const statusDetailsKey = "grpc-status-details-bin";

/**
 * A status whose metadata holds google.rpc.Status in `grpc-status-details-bin`. Where no answer has begun before it,
 * `begun` is false, and it tells of limits what the answer's first metadata would have told.
 */
export function toGrpcStatus(thrown: unknown, { begun = true } = {}): StatusObject {
  const error = toGatewayError(thrown);
  const code = status[errorTable[error.code].grpc];
  const message = wireMessage(error);
  const retry = retryInfo(error);
  const details = [anyPack(ErrorInfoSchema, errorInfo(error))];
  if (retry !== undefined) details.push(anyPack(RetryInfoSchema, retry));
  const bytes = toBinary(StatusSchema, { $typeName: "google.rpc.Status", code, message, details });

  const headers = error.meta === undefined ? {} : replyHeaders(error.meta);
  if (!begun) addLimitHeaders(headers, error);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  metadata.set(statusDetailsKey, Buffer.from(bytes));
  return { code, details: message, metadata };
}
