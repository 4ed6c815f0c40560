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
  kind: z.string(),
  stream: z.boolean(),
  request: z.object({ path: z.string() }).nullable(),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()),
    body: z.string().optional(),
  }),
});

/** One recorded answer of a vendor. */
export interface RecordedCase {
  readonly provider: string;
  readonly name: string;
  readonly kind: "chat" | "error";
  readonly stream: boolean;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it came over the wire, decoded. */
  readonly body: string;
}

/**
 * The cases of kind chat and error of a provider's folder, without those of OpenAI's Responses API.
 * Undefined when there is no such folder.
 */
export function readRecordedCases(provider: string): readonly RecordedCase[] | undefined {
  const folder = join(fixturesFolder, provider);
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => {
      const recorded = caseSchema.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
      const { name, kind, stream, request, response } = recorded;
      const { status, headers, body } = response;
      if ((kind !== "chat" && kind !== "error") || body === undefined) return [];
      if (request !== null && request.path.endsWith("/responses")) return [];
      return [{ provider, name, kind, stream, status, headers, body } satisfies RecordedCase];
    });
}
