// One call for embeddings through every client, held against the library's.

import { expect } from "vitest";
import type { EmbedRequest } from "../../../src/core/embed/request.ts";
import type { CallWords, ClientName, EmbedOutcome } from "./client.ts";
import { comparableEmbed, embedShownBy, type FieldWords } from "./comparable.ts";
import { asJson } from "./expect-parity.ts";
import type { ParityGateway } from "./parity-gateway.ts";

export interface EmbedCall {
  readonly request: EmbedRequest;
  readonly words?: CallWords;
  readonly fieldWords?: FieldWords;
  /** Runs before the call of each client: what one brought about may have to pass. */
  readonly before?: () => void;
  /** What the last call asked of the provider: the same from every front end. */
  readonly sentUpstream?: () => unknown;
  /** Clients that cannot ask for it; the test says why. */
  readonly without?: readonly ClientName[];
}

/** Resolves with the library's outcome after all others were found to be equal to it. */
export async function expectEmbedParity(parity: ParityGateway, call: EmbedCall): Promise<EmbedOutcome> {
  const { request, words = {}, fieldWords, sentUpstream, before, without = [] } = call;
  const [libraryClient, ...others] = parity.clients;
  before?.();
  const library = await libraryClient.embed(request, words);
  const sent = sentUpstream?.();
  const found: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const { name, embed } of others) {
    if (without.includes(name)) continue;
    before?.();
    found[name] = { ...comparableEmbed(await embed(request, words)), sent: sentUpstream?.() };
    expected[name] = { ...embedShownBy(library, { client: name, fieldWords }), sent };
  }
  expect(asJson(found)).toEqual(asJson(expected));
  return library;
}
