import { describe, expect, it } from "vitest";
import { defaultTargetPolicy } from "../../../../src/core/routing/default-policies.ts";
import { TargetStates } from "../../../../src/core/routing/targets/target-states.ts";
import type { Target } from "../../../../src/core/snapshot.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { configuredProvider } from "../../../support/listing-provider.ts";
import { createScriptedProvider } from "../../../support/scripted-provider.ts";

const provider = configuredProvider(createScriptedProvider());
const target = (model: string): Target => ({ provider, model, priority: 0 });

describe("the states of a provider's targets", () => {
  it("are kept of those that are asked, whatever other models callers name", () => {
    const states = new TargetStates(createManualClock());
    const configured = states.of(target("m"));
    for (let i = 0; i < 5_000; i += 1) {
      states.of(target(`made-up-${i}`));
      if (i % 900 === 0) expect(states.of(target("m"))).toBe(configured);
    }
    expect(states.of(target("m"))).toBe(configured);
  });

  it("are of a thousand at most, and of more only while these are being asked", () => {
    const states = new TargetStates(createManualClock());
    const first = states.of(target("first"));
    const asked = states.of(target("asked"));
    const place = asked.enter(target("asked"));
    for (let i = 0; i < 1_000; i += 1) states.of(target(`made-up-${i}`));
    expect(states.of(target("asked"))).toBe(asked);
    expect(states.of(target("first"))).not.toBe(first);
    expect(place).toMatchObject({ state: asked });
  });

  it("keep the limits of whoever asks: who looks at a target by another route changes nothing", () => {
    const states = new TargetStates(createManualClock());
    const strict = { ...target("m"), policy: { ...defaultTargetPolicy, maxConcurrent: 1 } };
    const loose = target("m");
    states.of(strict).enter(strict);
    expect(states.of(loose).obstacle(loose)).toBe("at_capacity");
    expect(states.of(strict).enter(strict)).toBe("at_capacity");
    expect(states.of(loose).enter(loose)).toMatchObject({ state: states.of(strict) });
  });
});
