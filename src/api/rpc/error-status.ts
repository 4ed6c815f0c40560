// Whatever a call throws, as the status of gRPC and as the error of Connect and gRPC-Web.

import { toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../generated/proto/google/rpc/status_pb.ts";
import { errorTable, type GrpcStatusName, toGatewayError } from "../../core/errors.ts";
import { replyHeaders } from "../reply-headers.ts";
import { errorInfo, retryInfo, wireMessage } from "./error-details.ts";

export const statusDetailsKey = "grpc-status-details-bin";

/** `status` is gRPC's own, `connect` the same in Connect's enum. */
const codes = {
  CANCELLED: { status: status.CANCELLED, connect: Code.Canceled },
  INVALID_ARGUMENT: { status: status.INVALID_ARGUMENT, connect: Code.InvalidArgument },
  DEADLINE_EXCEEDED: { status: status.DEADLINE_EXCEEDED, connect: Code.DeadlineExceeded },
  NOT_FOUND: { status: status.NOT_FOUND, connect: Code.NotFound },
  PERMISSION_DENIED: { status: status.PERMISSION_DENIED, connect: Code.PermissionDenied },
  RESOURCE_EXHAUSTED: { status: status.RESOURCE_EXHAUSTED, connect: Code.ResourceExhausted },
  FAILED_PRECONDITION: { status: status.FAILED_PRECONDITION, connect: Code.FailedPrecondition },
  ABORTED: { status: status.ABORTED, connect: Code.Aborted },
  INTERNAL: { status: status.INTERNAL, connect: Code.Internal },
  UNAVAILABLE: { status: status.UNAVAILABLE, connect: Code.Unavailable },
  UNAUTHENTICATED: { status: status.UNAUTHENTICATED, connect: Code.Unauthenticated },
} as const satisfies Record<GrpcStatusName, { status: status; connect: Code }>;

/** A status whose metadata holds google.rpc.Status in `grpc-status-details-bin`. */
export function toGrpcStatus(thrown: unknown): StatusObject {
  const error = toGatewayError(thrown);
  const code = codes[errorTable[error.code].grpc].status;
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

/** The same for Connect and gRPC-Web; Connect derives its HTTP status from the code. */
export function toConnectError(thrown: unknown): ConnectError {
  const error = toGatewayError(thrown);
  const retry = retryInfo(error);
  return new ConnectError(
    wireMessage(error),
    codes[errorTable[error.code].grpc].connect,
    error.meta === undefined ? undefined : replyHeaders(error.meta),
    [
      { desc: ErrorInfoSchema, value: errorInfo(error) },
      ...(retry === undefined ? [] : [{ desc: RetryInfoSchema, value: retry }]),
    ],
  );
}
