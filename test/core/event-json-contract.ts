// What holds for whatever is kept as JSON and read back.

import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "../../src/core/canonical-json.ts";
import type { JsonValue } from "../../src/core/json.ts";
import type { EventJson } from "../../src/core/operation.ts";
import { anyJson } from "./any-reply.ts";
import { mutated } from "./mutated-json.ts";

const asText = (json: JsonValue): JsonValue => JSON.parse(JSON.stringify(json));

export function keptAsJson<E>(
  json: EventJson<E>,
  any: fc.Arbitrary<E>,
  /** What can be compared of it. */
  told: (event: E) => unknown = (event) => event,
): void {
  const written = any.map((event) => asText(json.write(event)));

  it("is read back as it was", () => {
    fc.assert(
      fc.property(any, (event) => {
        const back = json.read(asText(json.write(event)));
        expect(back === undefined ? undefined : told(back)).toEqual(told(event));
      }),
      { numRuns: 300 },
    );
  });

  it("is read whole or not at all, whatever is there instead of it", () => {
    fc.assert(
      fc.property(fc.oneof(anyJson, mutated(written)), (found) => {
        const event = json.read(found);
        if (event !== undefined) expect(canonicalJson(asText(json.write(event)))).toBe(canonicalJson(found));
      }),
      { numRuns: 1_000 },
    );
  });

  it("is not read where a member is missing that it must have, or one is there that it has not", () => {
    fc.assert(
      fc.property(written, (found) => {
        expect(json.read({ ...Object(found), later: 1 })).toBeUndefined();
        expect(json.read([found])).toBeUndefined();
        expect(json.read({})).toBeUndefined();
      }),
    );
  });
}
