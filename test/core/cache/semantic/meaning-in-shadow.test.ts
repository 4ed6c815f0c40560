import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import type { ProviderChatEvent } from "../../../../src/core/chat/events.ts";
import {
  collect,
  delta,
  finished,
  partFinished,
  started,
  textStarted,
} from "../../../support/chat-scripts.ts";
import { type Script, textScript } from "../../../support/scripted-provider.ts";
import { asking, control, meaningGateway, question, reworded } from "./meaning-gateway.ts";

const shadow = { mode: "shadow" } as const;
const part = (index: number, kind: "reasoning" | "text"): ProviderChatEvent => ({
  type: "part_started",
  index,
  part: { kind },
});
const thinking = (thought: string): Script => ({
  steps: [started, part(0, "reasoning"), delta(thought), part(1, "text"), delta("Paris", 1), finished],
});

const callOfTool = (city: string): Script => ({
  steps: [
    started,
    { type: "part_started", index: 0, part: { kind: "tool_call", id: "c", name: "look" } },
    delta(JSON.stringify({ city })),
    partFinished,
    { type: "finished", reason: "tool_calls" },
  ],
});

describe("a route in shadow mode", () => {
  it("asks its provider, and counts what would have been served and was not the same", async () => {
    const { ask, provider, route } = meaningGateway({ policy: shadow });
    await ask(question);
    const second = await ask(reworded);
    expect(second).toMatchObject({ heard: "Rome", status: "miss" });
    expect(provider.calls).toHaveLength(2);
    expect(route()).toMatchObject({
      route: "default",
      lookUps: 2,
      served: 0,
      wouldServe: 1,
      hitRatePercent: 50,
      disagreeing: [second.id],
      suggestedThreshold: null,
    });
    expect(route()?.bands.find(({ wouldHit }) => wouldHit > 0)).toMatchObject({ agreed: 0, disagreed: 1 });
  });

  it("counts those that say the same, streamed ones and whatever the model thought", async () => {
    const { gateway, ask, route } = meaningGateway({
      policy: shadow,
      scripts: [thinking("The user asks for a capital."), thinking("France: its capital?")],
    });
    await ask(question);
    await collect((await gateway.stream(asking(reworded))).events);
    expect(route()?.bands.find(({ wouldHit }) => wouldHit > 0)).toMatchObject({ agreed: 1, disagreed: 0 });
    expect(route()?.disagreeing).toEqual([]);
  });

  it("counts what guards refused, and what was near but below the threshold", async () => {
    const { ask, route } = meaningGateway({ policy: shadow });
    await ask(question);
    await ask("What isn't the capital of France?");
    await ask("Hi, please tell me what the capital of France is");
    expect(route()).toMatchObject({ lookUps: 3, wouldServe: 0, hitRatePercent: 0 });
    expect(route()?.bands.some(({ guardRefused }) => guardRefused.negation === 1)).toBe(true);
    expect(route()?.bands.some(({ from, wouldHit }) => from < 0.95 && wouldHit === 1)).toBe(true);
  });

  it("compares no answer that is not whole: it tells nothing", async () => {
    const cut: Script = {
      steps: [started, textStarted, delta("Ro"), partFinished, { type: "finished", reason: "length" }],
    };
    const { ask, route } = meaningGateway({ policy: shadow, scripts: [textScript("Paris"), cut] });
    await ask(question);
    await ask(reworded);
    expect(route()).toMatchObject({ wouldServe: 1, disagreeing: [] });
    expect(route()?.bands.every(({ agreed, disagreed }) => agreed + disagreed === 0)).toBe(true);
  });

  it("compares with no answer that the caller would not take", async () => {
    const { ask, route, clock } = meaningGateway({ policy: shadow });
    await ask(question);
    clock.advance(60_000);
    await ask(reworded, {}, control({ maxAgeSeconds: 30 }));
    expect(route()).toMatchObject({ lookUps: 2, wouldServe: 0 });
  });

  it("finds nothing at first, and counts it", async () => {
    const { ask, route, gateway } = meaningGateway({ policy: shadow });
    expect(gateway.semanticCacheReport()).toEqual({ routes: [] });
    await ask(question);
    expect(route()).toMatchObject({ lookUps: 1, wouldServe: 0, hitRatePercent: 0, withoutVector: 0 });
  });

  it("compares calls of tools by name and arguments", async () => {
    const tools: Partial<ChatRequest> = { tools: [{ name: "look", parameters: { type: "object" } }] };
    const { ask, route } = meaningGateway({
      policy: shadow,
      scripts: [callOfTool("Paris"), callOfTool("Rome")],
    });
    await ask(question, tools);
    const { id } = await ask(reworded, tools);
    expect(route()?.disagreeing).toEqual([id]);
  });
});
