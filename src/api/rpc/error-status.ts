// Whatever a call throws, as the status of gRPC.

import { toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../generated/proto/google/rpc/status_pb.ts";
import { errorTable, toGatewayError } from "../../core/errors.ts";
import { replyHeaders } from "../reply-headers.ts";
import { errorInfo, retryInfo, wireMessage } from "./error-details.ts";

export const statusDetailsKey = "grpc-status-details-bin";

/** A status whose metadata holds google.rpc.Status in `grpc-status-details-bin`. */
export function toGrpcStatus(thrown: unknown): StatusObject {
  const error = toGatewayError(thrown);
  const code = status[errorTable[error.code].grpc];
  const message = wireMessage(error);
  const retry = retryInfo(error);
  const details = [anyPack(ErrorInfoSchema, errorInfo(error))];
  if (retry !== undefined) details.push(anyPack(RetryInfoSchema, retry));
  const bytes = toBinary(StatusSchema, { $typeName: "google.rpc.Status", code, message, details });

  const metadata = new Metadata();
  if (error.meta !== undefined) {
    for (const [name, value] of Object.entries(replyHeaders(error.meta))) metadata.set(name, value);
  }
  metadata.set(statusDetailsKey, Buffer.from(bytes));
  return { code, details: message, metadata };
}
