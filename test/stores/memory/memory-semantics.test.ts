import { createMemorySemantics } from "../../../src/stores/memory/memory-semantics.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { semanticContract } from "../semantic-contract.ts";

semanticContract("questions in memory", async () => {
  const clock = createManualClock();
  const store = createMemorySemantics({ clock, maxEntries: 8 });
  return {
    store,
    nowMs: () => clock.epochMs(),
    advance: (ms) => clock.advance(ms),
    close: () => store.close(),
  };
});
