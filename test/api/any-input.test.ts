// Every reader of what a caller sends, given anything: it reads it, or refuses it as `invalid_request`.

import { toBinary, toJsonString } from "@bufbuild/protobuf";
import fc from "fast-check";
import { GraphQLError } from "graphql";
import { describe, expect, test } from "vitest";
import { ChatRequestSchema } from "../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbedRequestSchema } from "../../generated/proto/sluice/v1/embedding_pb.ts";
import { readCaller } from "../../src/api/caller.ts";
import { toLabels, toProviderOptions } from "../../src/api/graphql/json-maps.ts";
import { parseOperationRequest } from "../../src/api/graphql/operation-request.ts";
import {
  parseDateTime,
  parseJson,
  parseWhole,
  writeDateTime,
  writeWhole,
} from "../../src/api/graphql/scalars.ts";
import { readEmbeddingRequest } from "../../src/api/openai/embedding-mapping.ts";
import { readCompletionRequest } from "../../src/api/openai/request-mapping.ts";
import { decodeUtf8 } from "../../src/api/read-body.ts";
import { bodyForm } from "../../src/api/rpc/connect-body.ts";
import { capTimeouts } from "../../src/api/rpc/connect-timeout.ts";
import { decodeBinary, decodeJson } from "../../src/api/rpc/decode-request.ts";
import { toEmbedRequest } from "../../src/api/rpc/embed-mapping.ts";
import { toChatRequest } from "../../src/api/rpc/request-mapping.ts";
import { maxTimeoutMs } from "../../src/api/rpc/rpc-service.ts";
import { hostName, isLoopbackName } from "../../src/core/access/host-name.ts";
import { validateChatRequest } from "../../src/core/chat/validate.ts";
import { validateEmbedRequest } from "../../src/core/embed/validate.ts";
import { GatewayError } from "../../src/core/errors.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { openAccess } from "../support/test-gateway.ts";
import { entrances } from "./hard-json/entrances.ts";
import { placesIn, textWith } from "./hard-json/places.ts";

/** What `read` gives; undefined where it refuses. @throws any error but `invalid_request` with a field */
function readOrRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof GatewayError && error.code === "invalid_request" && error.field !== undefined) {
      expect(error.message.length).toBeLessThan(1_000);
      return undefined;
    }
    throw error;
  }
}

const anyJson = fc.oneof(
  fc.json({ maxDepth: 3 }).map((text): JsonValue => JSON.parse(text)),
  fc.constantFrom<JsonValue>(Infinity, -0, 2 ** 60, "__proto__", "\ud800", "\u0000"),
);
const anyBytes = fc.uint8Array({ maxLength: 64 });

/** The request with anything in place of one of its members. */
const anyVariation = (full: JsonValue): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...placesIn(full)), anyJson)
    .map(([place, value]) => textWith(full, place, JSON.stringify(value)));

describe("OpenAI's requests, with anything at any place", () => {
  test("chat completions", () => {
    fc.assert(
      fc.property(fc.oneof(anyVariation(entrances.completions.full), fc.json()), (text) => {
        readOrRefused(() => validateChatRequest(readCompletionRequest(JSON.parse(text)).request));
      }),
      { numRuns: 500 },
    );
  });

  test("embeddings", () => {
    fc.assert(
      fc.property(fc.oneof(anyVariation(entrances.embeddings.full), fc.json()), (text) => {
        readOrRefused(() => validateEmbedRequest(readEmbeddingRequest(JSON.parse(text)).request));
      }),
      { numRuns: 500 },
    );
  });
});

describe("protobuf", () => {
  const chat = decodeJson(ChatRequestSchema, Buffer.from(JSON.stringify(entrances.connectChat.full)));
  const valid = toBinary(ChatRequestSchema, chat);
  /** Bytes of a request with some of them changed, cut out or put in. */
  const nearlyValid = fc
    .tuple(fc.nat(valid.length), fc.nat(8), anyBytes)
    .map(([at, cut, put]) => Buffer.concat([valid.subarray(0, at), put, valid.subarray(at + cut)]));

  test("any bytes", () => {
    fc.assert(
      fc.property(fc.oneof(nearlyValid, anyBytes), (bytes) => {
        readOrRefused(() => validateChatRequest(toChatRequest(decodeBinary(ChatRequestSchema, bytes))));
        readOrRefused(() => validateEmbedRequest(toEmbedRequest(decodeBinary(EmbedRequestSchema, bytes))));
      }),
      { numRuns: 2_000 },
    );
  });

  test("any JSON", () => {
    const { connectChat, connectEmbed } = entrances;
    fc.assert(
      fc.property(
        fc.oneof(anyVariation(connectChat.full), anyVariation(connectEmbed.full), fc.string()),
        (text) => {
          const bytes = Buffer.from(text);
          readOrRefused(() => validateChatRequest(toChatRequest(decodeJson(ChatRequestSchema, bytes))));
          readOrRefused(() => validateEmbedRequest(toEmbedRequest(decodeJson(EmbedRequestSchema, bytes))));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("what was decoded from JSON and from bytes is the same request", () => {
    const json = toJsonString(ChatRequestSchema, decodeBinary(ChatRequestSchema, valid));
    expect(toChatRequest(decodeJson(ChatRequestSchema, Buffer.from(json)))).toEqual(toChatRequest(chat));
  });
});

describe("headers", () => {
  const anyHeader = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("0", "1", "86400001", "1e3", "+1", "٣"),
  );
  const traceparent = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

  test("of a call", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...headerNames), anyHeader), async (headers) => {
        const header = (name: string) => headers[name];
        try {
          const caller = await readCaller(openAccess, { header, remoteAddress: "127.0.0.1" });
          expect(caller.correlationId?.length ?? 1).toBeGreaterThan(0);
          expect(caller.traceContext ?? headers["traceparent"]).toBe(headers["traceparent"]);
          if (caller.traceContext !== undefined) expect(caller.traceContext).toMatch(traceparent);
          if (caller.timeoutMs !== undefined) {
            expect(headers["x-sluice-timeout-ms"]).toMatch(/^\d{1,9}$/);
            expect(String(caller.timeoutMs)).toMatch(/^[1-9]\d{0,7}$/);
          }
        } catch (error) {
          readOrRefused(() => {
            throw error;
          });
        }
      }),
      { numRuns: 500 },
    );
  });

  test("a Host is a name that an address can have, or none", () => {
    const anyHost = fc.oneof(
      fc.string(),
      fc.webAuthority(),
      fc.ipV6().map((address) => `[${address}]:80`),
    );
    fc.assert(
      fc.property(anyHost, (host) => {
        const name = hostName(host);
        if (name === undefined) return;
        expect(name).toMatch(/^(\[[0-9a-f:.]+\]|[a-z0-9._-]*)$/);
        if (isLoopbackName(name)) expect(name).toMatch(/^(localhost|127\..*|\[::(1|ffff:7f.*)\])$/);
      }),
      { numRuns: 500 },
    );
  });

  test("timeouts of Connect and gRPC-Web never pass the longest", () => {
    const anyTimeout = fc.oneof(
      fc.nat({ max: 2 ** 31 - 1 }).map(String),
      fc
        .tuple(fc.nat(99_999_999), fc.constantFrom("H", "M", "S", "m", "u", "n"))
        .map(([amount, unit]) => `${amount}${unit}`),
      fc.constantFrom("", "x", "-1", "1e999", "9".repeat(30)),
    );
    fc.assert(
      fc.property(anyTimeout, (text) => {
        const header = new Headers({ "connect-timeout-ms": text, "grpc-timeout": text });
        capTimeouts(header);
        expect(Number(header.get("connect-timeout-ms")) || 0).toBeLessThanOrEqual(maxTimeoutMs);
        const [, amount, unit] = /^(\d{1,8})([HMSm])$/.exec(header.get("grpc-timeout") ?? "") ?? [];
        const unitMs = { H: 3_600_000, M: 60_000, S: 1_000, m: 1 }[unit ?? ""] ?? 0;
        expect(Number(amount ?? 0) * unitMs).toBeLessThanOrEqual(maxTimeoutMs);
      }),
    );
  });

  test("a content type of Connect is a form or none", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (type) => void bodyForm(type)));
    expect(bodyForm("application/connect+proto")).toMatchObject({ json: false, enveloped: true });
  });
});

const headerNames = [
  "authorization",
  "x-api-key",
  "x-request-id",
  "traceparent",
  "idempotency-key",
  "cache-control",
  "x-sluice-cache-ttl",
  "x-sluice-resumable",
  "x-sluice-timeout-ms",
  "origin",
  "host",
  "forwarded",
  "x-forwarded-for",
];

test("bytes are UTF-8 or refused, and never changed", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyBytes,
        fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const text = readOrRefused(() => decodeUtf8(bytes));
        if (text === undefined) expect(Buffer.from(bytes).toString()).toContain("\ufffd");
        else expect(Buffer.from(text)).toEqual(Buffer.from(bytes.subarray(startsWithMark(bytes) ? 3 : 0)));
      },
    ),
    { numRuns: 1_000 },
  );
});

const startsWithMark = ([a, b, c]: Uint8Array): boolean => a === 0xef && b === 0xbb && c === 0xbf;

describe("GraphQL", () => {
  test("any body is an operation, or refused", () => {
    const anyBody = fc.oneof(fc.json(), fc.string(), anyVariation(entrances.graphql.full));
    fc.assert(
      fc.property(anyBody, (body) => {
        const read = readOrRefused(() => parseOperationRequest(body));
        if (read !== undefined) expect(typeof read.query).toBe("string");
      }),
      { numRuns: 500 },
    );
  });

  test("labels and options are kept whole, or refused", () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const labels = readOrRefused(() => toLabels(value));
        if (labels !== undefined) expect(JSON.stringify(labels)).toBe(JSON.stringify(value));
        const options = readOrRefused(() => toProviderOptions(value));
        if (options !== undefined) expect(JSON.stringify(options)).toBe(JSON.stringify(value));
      }),
      { numRuns: 500 },
    );
  });

  test("scalars read back what they write, and refuse the rest as GraphQL does", () => {
    const anything = fc.oneof(anyJson, fc.anything());
    fc.assert(
      fc.property(
        anything,
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
        (value, whole, date) => {
          for (const parse of [parseWhole, parseDateTime, parseJson]) {
            try {
              parse(value);
            } catch (error) {
              expect(error).toBeInstanceOf(GraphQLError);
            }
          }
          expect(parseWhole(writeWhole(whole))).toBe(whole);
          expect(parseDateTime(writeDateTime(date.getTime()))).toBe(date.getTime());
        },
      ),
      { numRuns: 500 },
    );
  });
});
