// google.rpc's details of an error, as gRPC, Connect and gRPC-Web tell them.

import { durationMs } from "@bufbuild/protobuf/wkt";
import { z } from "zod";
import type { ErrorInfo, RetryInfo } from "../../../../generated/proto/google/rpc/error_details_pb.ts";
import type { Failure } from "../gather-outcome.ts";
import { attemptsSchema, cacheStatusSchema, lossesSchema } from "./wire-schemas.ts";

export interface RpcError {
  /** As gRPC writes it: `INVALID_ARGUMENT`. */
  readonly grpc: string;
  readonly message: string;
  readonly info: ErrorInfo | undefined;
  readonly retry: RetryInfo | undefined;
}

const metadataSchema = z.object({
  field: z.string().optional(),
  attempts: z.string().optional(),
  request_id: z.string().optional(),
  correlation_id: z.string().optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
  model_served: z.string().optional(),
  route: z.string().optional(),
  attempt_count: z.coerce.number().optional(),
  cache_status: cacheStatusSchema.optional(),
  latency_ms: z.coerce.number().optional(),
  cost_nanos: z.coerce.bigint().optional(),
  losses: z.string().optional(),
});

export function rpcFailure({ grpc, message, info, retry }: RpcError): Failure {
  if (info?.domain !== "sluice") return { error: { code: `bare ${grpc}`, message, attempts: [], grpc } };
  const told = metadataSchema.parse(info.metadata);
  const requestId = told.request_id;
  return {
    error: {
      code: info.reason,
      message,
      field: told.field,
      retryAfterMs: retry?.retryDelay === undefined ? undefined : durationMs(retry.retryDelay),
      attempts: attemptsSchema.parse(JSON.parse(told.attempts ?? "[]")),
      requestId,
      grpc,
    },
    meta:
      requestId === undefined || told.attempt_count === undefined || told.cache_status === undefined
        ? undefined
        : {
            requestId,
            correlationId: told.correlation_id,
            provider: told.provider,
            model: told.model,
            modelServed: told.model_served,
            route: told.route,
            attempts: told.attempt_count,
            cacheStatus: told.cache_status,
            latencyMs: told.latency_ms,
            costNanos: told.cost_nanos,
            losses: lossesSchema.parse(JSON.parse(told.losses ?? "[]")),
          },
  };
}
