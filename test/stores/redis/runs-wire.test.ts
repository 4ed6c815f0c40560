import fc from "fast-check";
import { expect, it } from "vitest";
import { KeptPart } from "../../../src/stores/redis/runs-kept.ts";
import { foundIn, headText, readIn, standingsIn } from "../../../src/stores/redis/runs-wire.ts";
import { newHead } from "./open-runs.ts";

const anyHead = fc
  .record({ tenantId: fc.string(), owner: fc.string({ unit: "binary" }), resumable: fc.boolean() })
  .map((more) => newHead(more));

it("reads every head that it writes, and only as the run's own", () => {
  fc.assert(
    fc.property(anyHead, anyHead, (head, other) => {
      const reply = [headText(head), "7", ""];
      expect(foundIn(reply, head.id)).toEqual({ head, nextSequence: 7, hasEnded: false });
      expect(foundIn(reply, other.id)).toBeUndefined();
    }),
  );
});

it("throws for no reply, and believes none that skips or adds events", () => {
  const reply = fc.oneof(
    fc.anything(),
    fc.array(fc.oneof(fc.string(), fc.constantFrom("", "0", "3", "ended", "failed"), fc.anything())),
  );
  fc.assert(
    fc.property(reply, fc.nat(5), (reply, from) => {
      expect(foundIn(reply, newHead().id)).toBeUndefined();
      expect(standingsIn(reply, 2)).toHaveLength(2);
      const read = readIn(reply, from);
      if (read !== undefined && read.events.length > 0) {
        expect(from + read.events.length).toBeLessThanOrEqual(read.nextSequence);
      }
    }),
    { numRuns: 1_000 },
  );
});

it("keeps as many of the newest events as fit, but for a small part", () => {
  const maxBytes = 10_000;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: maxBytes }), { maxLength: 200 }), (sizes) => {
      const part = new KeptPart(maxBytes);
      let kept = 0;
      for (const [at, size] of sizes.entries()) {
        kept = part.add(size) ?? kept + 1;
        const bytes = sizes.slice(at + 1 - kept, at + 1).reduce((sum, each) => sum + each, 0);
        expect(kept).toBeGreaterThanOrEqual(1);
        expect(bytes).toBeLessThanOrEqual(maxBytes);
        const oneMore = sizes
          .slice(Math.max(0, at + 1 - kept - 1), at + 1)
          .reduce((sum, each) => sum + each, 0);
        if (kept <= at) expect(oneMore).toBeGreaterThan((maxBytes * 14) / 16 - size);
      }
    }),
  );
});
