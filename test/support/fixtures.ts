// Reads the recorded vendor traffic. It lies outside the checkout and is never copied into it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** `SLUICE_FIXTURES`, else `../shared/fixtures` seen from the checkout. */
export const fixturesFolder: string =
  process.env.SLUICE_FIXTURES || fileURLToPath(new URL("../../../shared/fixtures", import.meta.url));

const caseSchema = z.object({
  provider: z.string(),
  name: z.string(),
  kind: z.enum(["chat", "error", "embeddings", "models"]),
  stream: z.boolean(),
  features: z.array(z.string()),
  request: z
    .object({
      method: z.string(),
      path: z.string(),
      query: z.string().nullish(),
      body: z.unknown(),
    })
    .nullable(),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()),
    body: z.string().optional(),
    body_base64: z.string().optional(),
  }),
});

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** One recorded answer of a vendor. */
export interface RecordedCase {
  readonly provider: string;
  readonly name: string;
  readonly kind: "chat" | "error" | "embeddings" | "models";
  readonly stream: boolean;
  readonly features: readonly string[];
  /** Undefined: it was not kept. */
  readonly request: RecordedRequest | undefined;
  /** Of the request, or made from the features where it was not kept. */
  readonly path: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it came over the wire, decoded; empty where it is no text. */
  readonly body: string;
  readonly bytes: Uint8Array;
}

/** All recorded cases of all folders; undefined when they are not there. */
export function readRecordedCases(): readonly RecordedCase[] | undefined {
  if (!existsSync(fixturesFolder)) return undefined;
  return readdirSync(fixturesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .flatMap((folder) =>
      readdirSync(join(fixturesFolder, folder))
        .filter((file) => file.endsWith(".json"))
        .sort()
        .map((file) => readCase(join(fixturesFolder, folder, file))),
    );
}

function readCase(path: string): RecordedCase {
  const { request, response, ...recorded } = caseSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  const { status, headers, body, body_base64: base64 } = response;
  return {
    ...recorded,
    request: request === null ? undefined : { ...request, body: request.body },
    path: request?.path ?? (recorded.features.includes("responses-api") ? "/responses" : ""),
    status,
    headers,
    body: body ?? "",
    bytes: base64 === undefined ? Buffer.from(body ?? "") : Buffer.from(base64, "base64"),
  };
}
