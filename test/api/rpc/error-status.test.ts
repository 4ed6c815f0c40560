import { expect, test } from "vitest";
import { Code } from "@connectrpc/connect";
import { status } from "@grpc/grpc-js";
import { ErrorInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { toConnectError } from "../../../src/api/rpc/connect-error.ts";
import { toGrpcStatus } from "../../../src/api/rpc/error-status.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { detailsOf } from "./rpc-fixtures.ts";

test("an error that nobody foresaw is internal, and its text stays here", () => {
  const answer = toGrpcStatus(new Error("secret of the database"));
  expect(answer.code).toBe(status.INTERNAL);
  expect(JSON.stringify([answer.details, detailsOf(answer).info])).not.toContain("secret");
  expect(toConnectError(new Error("secret")).message).not.toContain("secret");
});

test("however many attempts failed with however long texts, the details stay small", () => {
  const attempts = Array.from({ length: 50 }, (_, i) => ({
    provider: `provider-${i}`,
    model: "m",
    failure: "unavailable",
    message: "ä".repeat(10_000),
  }));
  const answer = toGrpcStatus(
    new GatewayError({ code: "all_providers_failed", message: "x".repeat(50_000), attempts }),
  );
  const [bytes] = answer.metadata.get("grpc-status-details-bin");
  expect(bytes?.length).toBeLessThan(6_000);
  expect(answer.details.length).toBeLessThanOrEqual(1_024);
  const told: unknown = JSON.parse(detailsOf(answer).info?.metadata["attempts"] ?? "");
  expect(told).toMatchObject([{ provider: "provider-0" }, { provider: "provider-1" }, {}, {}]);
});

test("lone surrogates, which cannot be sent, are replaced", () => {
  const answer = toGrpcStatus(
    new GatewayError({ code: "not_found", message: "No \ud800.", field: "\udc00" }),
  );
  expect(answer.details).toBe("No \ufffd.");
  expect(detailsOf(answer).info?.metadata["field"]).toBe("\ufffd");
});

test("Connect's error has the same code, message and details", () => {
  const error = toConnectError(
    new GatewayError({ code: "rate_limited", message: "Slow.", retryAfterMs: 20 }),
  );
  expect(error.code).toBe(Code.ResourceExhausted);
  expect(error.rawMessage).toBe("Slow.");
  expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "rate_limited", domain: "sluice" }]);
});
