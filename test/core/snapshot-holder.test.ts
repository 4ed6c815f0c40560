import { expect, it } from "vitest";
import { automaticRoute } from "../../src/core/routing/automatic-route.ts";
import { defaultTargetPolicy } from "../../src/core/routing/default-policies.ts";
import type { ConfiguredProvider, Route, Snapshot } from "../../src/core/snapshot.ts";
import { createSnapshotHolder } from "../../src/core/snapshot-holder.ts";
import { configuredProvider } from "../support/listing-provider.ts";
import { createScriptedProvider } from "../support/scripted-provider.ts";

const adapter = createScriptedProvider();
const provider = (name: string, over: Partial<Omit<ConfiguredProvider, "adapter">> = {}) =>
  configuredProvider(adapter, { name, source: "environment", ...over });

function begin(providers: readonly ConfiguredProvider[], route: Route = automaticRoute(providers)) {
  const snapshot: Snapshot = {
    version: 1,
    providers: new Map(providers.map((each) => [each.name, each])),
    routes: new Map([["default", route]]),
    useCases: new Map(),
    loggingPolicy: "none",
    prices: { find: () => undefined },
    modelTable: { find: () => undefined },
  };
  const holder = createSnapshotHolder(snapshot);
  const targets = () =>
    holder
      .current()
      .routes.get("default")
      ?.targets.map((target) => `${target.provider.name}/${target.model}`);
  return { holder, targets, first: snapshot };
}

it("an added provider joins the route default only where that has no target", () => {
  const { holder, targets, first } = begin([]);
  holder.addProvider("mine", adapter, { models: ["m", "n"] });
  expect(targets()).toEqual(["mine/m"]);
  holder.addProvider("other", adapter, { models: ["o"], kind: "openai", priority: 9 });
  expect(targets()).toEqual(["mine/m"]);
  expect(holder.current()).toMatchObject({ version: 3 });
  expect(holder.current().providers.get("other")).toMatchObject({
    source: "library",
    kind: "openai",
    priority: 9,
    models: ["o"],
  });
  // Calls that began before keep what they began with.
  expect([first.version, first.providers.size, first.routes.get("default")?.targets.length]).toEqual([
    1, 0, 0,
  ]);
});

it("an added provider without models can be asked by name, and joins nothing", () => {
  const { holder, targets } = begin([]);
  holder.addProvider("mine", adapter);
  expect(targets()).toEqual([]);
  expect(holder.current().providers.has("mine")).toBe(true);
});

it("a name in use is a conflict, and one that no provider may have is refused", () => {
  const { holder } = begin([provider("mine")]);
  expect(() => holder.addProvider("mine", adapter)).toThrow(
    expect.objectContaining({ code: "conflict", field: "name" }),
  );
  for (const name of ["", "Mine", "a/b", "-a", "a".repeat(64)]) {
    expect(() => holder.addProvider(name, adapter), name).toThrow(
      expect.objectContaining({ code: "invalid_request", field: "name" }),
    );
  }
  expect(holder.current().version).toBe(1);
});

it("models that come later put their provider in its place in the automatic route", () => {
  const { holder, targets } = begin([
    provider("groq", { models: ["g"] }),
    provider("vllm", { priority: 1 }),
    provider("ollama"),
  ]);
  holder.setModels("ollama", ["qwen", "llama"]);
  expect(targets()).toEqual(["groq/g", "ollama/qwen"]);
  holder.setModels("vllm", ["v"]);
  expect(targets()).toEqual(["vllm/v", "groq/g", "ollama/qwen"]);
  expect(holder.current()).toMatchObject({ version: 3 });
  expect([...holder.current().providers.keys()]).toEqual(["groq", "vllm", "ollama"]);
});

it("models that come later do not put an added provider into the route, nor take it out", () => {
  const { holder, targets } = begin([provider("vllm"), provider("ollama")]);
  holder.addProvider("mine", adapter, { models: ["m"] });
  holder.addProvider("other", adapter, { models: ["o"] });
  holder.setModels("vllm", ["v"]);
  expect(targets()).toEqual(["vllm/v", "mine/m"]);
});

it("models that come later change no route of the file", () => {
  const groq = provider("groq", { models: ["g"] });
  const route: Route = { ...automaticRoute([groq]), source: "file" };
  const { holder, targets } = begin([groq, provider("ollama")], route);
  holder.setModels("ollama", ["qwen"]);
  holder.setModels("ghost", ["x"]);
  expect(targets()).toEqual(["groq/g"]);
  expect(holder.current().providers.get("ollama")?.models).toEqual(["qwen"]);
  expect(holder.current().providers.has("ghost")).toBe(false);
});

it("models that come later leave the automatic route its strategy", () => {
  const { holder } = begin([provider("vllm")], automaticRoute([provider("vllm")], "smart"));
  holder.setModels("vllm", ["v"]);
  expect(holder.current().routes.get("default")?.strategy).toBe("smart");
});

it("an added provider has the policy of those that say nothing", () => {
  const policy = { ...defaultTargetPolicy, breaker: { failureThreshold: 2, resetTimeoutMs: 5 } };
  const holder = createSnapshotHolder(begin([]).first, policy);
  holder.addProvider("mine", adapter, { models: ["m"] });
  expect(holder.current().providers.get("mine")?.policy).toEqual(policy);
});
