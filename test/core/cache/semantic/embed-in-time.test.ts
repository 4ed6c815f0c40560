import { describe, expect, it } from "vitest";
import { createEmbedInTime, type EmbedQuestion } from "../../../../src/core/cache/semantic/embed-in-time.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const vector = Float32Array.of(1, 0);
const works: EmbedQuestion = () => Promise.resolve(vector);
const hasNone: EmbedQuestion = () => Promise.resolve(undefined);
const givesUp: EmbedQuestion = () => Promise.resolve("given_up");
const fails: EmbedQuestion = () => Promise.reject(new Error("It is gone."));
const throws: EmbedQuestion = () => {
  throw new Error("It is broken.");
};
const hangs: EmbedQuestion = () => new Promise(() => {});

function openEmbed() {
  const clock = createManualClock();
  const embedding = createEmbedInTime({ clock, timeoutMs: 300 });
  const embed = (by: EmbedQuestion, embedder = "p/m") => embedding.embed({ embedder, text: "Why?", by });
  return { clock, embed };
}

describe("embedding in time", () => {
  it("gives the vector, and leaves no timer", async () => {
    const { clock, embed } = openEmbed();
    expect(await embed(works)).toEqual({ vector });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ["has none", hasNone],
    ["rejects", fails],
    ["throws", throws],
  ])("is a miss where the embedder %s", async (_, by) => {
    const { clock, embed } = openEmbed();
    expect(await embed(by)).toEqual({ none: "embedding_failed" });
    expect(clock.pendingTimers).toBe(0);
  });

  it("counts nothing of a call that gave up, neither for the embedder nor against it", async () => {
    const { embed } = openEmbed();
    for (let i = 0; i < 5; i += 1) expect(await embed(givesUp)).toEqual({ none: "given_up" });
    expect(await embed(fails)).toEqual({ none: "embedding_failed" });
    expect(await embed(fails)).toEqual({ none: "embedding_failed" });
    expect(await embed(givesUp)).toEqual({ none: "given_up" });
    expect(await embed(fails)).toEqual({ none: "embedding_failed" });
    expect(await embed(works)).toEqual({ none: "embedding_paused" });
  });

  it("waits no longer than it may, and ends what nobody waits for", async () => {
    const { clock, embed } = openEmbed();
    let signal: AbortSignal | undefined;
    const embedded = embed((_, itsSignal) => {
      signal = itsSignal;
      return hangs("", itsSignal);
    });
    clock.advance(299);
    expect(signal?.aborted).toBe(false);
    clock.advance(1);
    expect(await embedded).toEqual({ none: "embedding_late" });
    expect(signal?.aborted).toBe(true);
  });

  it("leaves an embedder alone for a while that failed three times in a row", async () => {
    const { clock, embed } = openEmbed();
    await embed(fails);
    await embed(fails);
    await embed(works);
    await embed(fails);
    await embed(hasNone);
    expect(await embed(works)).toEqual({ vector });
    for (let at = 0; at < 3; at += 1) await embed(fails);
    expect(await embed(works)).toEqual({ none: "embedding_paused" });
    expect(await embed(works, "other/m")).toEqual({ vector });
    clock.advance(10_000);
    await embed(fails);
    expect(await embed(works)).toEqual({ none: "embedding_paused" });
    clock.advance(10_000);
    expect(await embed(works)).toEqual({ vector });
    await embed(fails);
    expect(await embed(works)).toEqual({ vector });
  });

  it("asks for so many at once and no more", async () => {
    const { clock, embed } = openEmbed();
    const waiting = Array.from({ length: 64 }, () => embed(hangs));
    expect(await embed(works)).toEqual({ none: "embedding_paused" });
    clock.advance(300);
    await Promise.all(waiting);
    clock.advance(10_000);
    expect(await embed(works)).toEqual({ vector });
  });
});
