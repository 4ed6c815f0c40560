// Whatever a call throws, as the error of Connect and gRPC-Web. Apart from gRPC's own, whose port needs nothing of
// Connect.

import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { errorTable, type GrpcStatusName, toGatewayError } from "../../core/errors.ts";
import { replyHeaders } from "../reply-headers.ts";
import { errorInfo, retryInfo, wireMessage } from "./error-details.ts";

const codes = {
  CANCELLED: Code.Canceled,
  INVALID_ARGUMENT: Code.InvalidArgument,
  DEADLINE_EXCEEDED: Code.DeadlineExceeded,
  NOT_FOUND: Code.NotFound,
  PERMISSION_DENIED: Code.PermissionDenied,
  RESOURCE_EXHAUSTED: Code.ResourceExhausted,
  FAILED_PRECONDITION: Code.FailedPrecondition,
  ABORTED: Code.Aborted,
  INTERNAL: Code.Internal,
  UNAVAILABLE: Code.Unavailable,
  UNAUTHENTICATED: Code.Unauthenticated,
} as const satisfies Record<GrpcStatusName, Code>;

/** Connect derives its HTTP status from the code. */
export function toConnectError(thrown: unknown): ConnectError {
  const error = toGatewayError(thrown);
  const retry = retryInfo(error);
  return new ConnectError(
    wireMessage(error),
    codes[errorTable[error.code].grpc],
    error.meta === undefined ? undefined : replyHeaders(error.meta),
    [
      { desc: ErrorInfoSchema, value: errorInfo(error) },
      ...(retry === undefined ? [] : [{ desc: RetryInfoSchema, value: retry }]),
    ],
  );
}
