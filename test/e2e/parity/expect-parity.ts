// One call through every client, held against the library's.

import { expect } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { CallWords, ClientName, Delivery, FrontEndClient, Outcome } from "./client.ts";
import { comparable, type FieldWords, shownBy } from "./comparable.ts";
import type { ParityGateway } from "./parity-gateway.ts";

export interface ParityCall {
  readonly delivery: Delivery;
  readonly request: ChatRequest;
  readonly words?: CallWords;
  readonly fieldWords?: FieldWords;
  /** What the last call sent upstream: the same from every front end. */
  readonly sentUpstream?: () => unknown;
  /** Runs before the call of each client: what one brought about may have to pass. */
  readonly before?: () => void;
  /** Brings about what the call has to meet; runs while the call of each client is under way. */
  readonly meanwhile?: (content: Promise<void>) => Promise<void>;
  /** Clients that tell it otherwise; the test says how, and why. */
  readonly without?: readonly ClientName[];
}

/** Resolves with the library's outcome after all others were found to be equal to it. */
export async function expectParity(parity: ParityGateway, call: ParityCall): Promise<Outcome> {
  const [libraryClient, ...others] = parity.clients;
  const library = await makeCall(libraryClient, call);
  const sent = call.sentUpstream?.();
  const found: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const client of others) {
    const { name } = client;
    if (call.without?.includes(name) === true) continue;
    found[name] = { ...comparable(await makeCall(client, call)), sent: call.sentUpstream?.() };
    expected[name] = { ...shownBy(library, { client: name, fieldWords: call.fieldWords }), sent };
  }
  expect(asJson(found)).toEqual(asJson(expected));
  return library;
}

/** Without the members that are absent: a difference is then shown alone. */
export const asJson = (value: object): unknown => JSON.parse(JSON.stringify(value));

/** By every client, one after the other; with `meanwhile` at each. */
export async function makeCall(client: FrontEndClient, call: ParityCall): Promise<Outcome> {
  const { delivery, request, words = {}, before, meanwhile } = call;
  const { promise: content, resolve: onContent } = Promise.withResolvers<void>();
  before?.();
  const [outcome] = await Promise.all([
    client[delivery](request, { ...words, onContent }),
    meanwhile?.(content),
  ]);
  return outcome;
}
