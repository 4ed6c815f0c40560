import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { type AskedModel, type Lists, resolveModel } from "../../src/core/routing/resolve-model.ts";
import { defaultTargetPolicy } from "../../src/core/routing/default-policies.ts";
import type { ConfiguredProvider, Route, Snapshot, TargetPolicy } from "../../src/core/snapshot.ts";
import { createScriptedProvider } from "../support/scripted-provider.ts";

const provider = (name: string, models: readonly string[]): ConfiguredProvider => ({
  name,
  kind: name,
  source: "file",
  priority: 0,
  baseUrl: "http://x.test",
  models,
  adapter: createScriptedProvider(),
});
const groq = provider("groq", ["llama", "shared"]);
const openai = provider("openai", ["gpt", "shared"]);
const route = (name: string, ...to: ConfiguredProvider[]): Route => ({
  name,
  source: "file",
  strategy: "priority",
  targets: to.map((each) => ({ provider: each, model: each.models[0] ?? "", priority: 0 })),
});
const limited: TargetPolicy = { ...defaultTargetPolicy, maxConcurrent: 2 };
const withLimits: Route = {
  ...route("limited"),
  targets: [
    { provider: openai, model: "gpt", priority: 0, api: "responses", policy: defaultTargetPolicy },
    { provider: openai, model: "gpt", priority: 0, retries: 7, policy: limited },
  ],
};
const snapshot: Snapshot = {
  version: 1,
  providers: new Map([
    ["groq", groq],
    ["openai", openai],
  ]),
  routes: new Map([
    ["default", route("default", groq, openai)],
    ["cheap", route("cheap", openai)],
    ["openai/gpt-special", route("openai/gpt-special", groq)],
    ["limited", withLimits],
  ]),
  useCases: new Map([["support", { route: "cheap" }]]),
  loggingPolicy: "none",
  prices: { find: () => undefined },
  modelTable: { find: () => undefined },
};
const nobody: Lists = () => false;
const anything = () => true;
const ofGroq: AskedModel["mayUse"] = (target) => target.provider === groq;
const resolve = (
  model?: string,
  useCase?: string,
  lists: Lists = nobody,
  mayUse: AskedModel["mayUse"] = anything,
) => {
  const { route: name, targets } = resolveModel(snapshot, { model, useCase, mayUse }, lists);
  return [name, ...targets.map((target) => `${target.provider.name}:${target.model}`)];
};

describe("resolveModel", () => {
  it("takes the default route for nothing and for an empty name", () => {
    expect(resolve()).toEqual(["default", "groq:llama", "openai:gpt"]);
    expect(resolve("")).toEqual(["default", "groq:llama", "openai:gpt"]);
  });

  it("takes the use case's route for nothing, and only for nothing", () => {
    expect(resolve(undefined, "support")).toEqual(["cheap", "openai:gpt"]);
    expect(resolve(undefined, "unknown")).toEqual(["default", "groq:llama", "openai:gpt"]);
    expect(resolve("auto", "support")).toEqual(["default", "groq:llama", "openai:gpt"]);
  });

  it("prefers a route's exact name to a provider in its first segment", () => {
    expect(resolve("cheap")).toEqual(["cheap", "openai:gpt"]);
    expect(resolve("openai/gpt-special")).toEqual(["openai/gpt-special", "groq:llama"]);
  });

  it("takes a first segment that is a provider, and keeps further slashes in the model", () => {
    expect(resolve("openai/gpt-next")).toEqual([undefined, "openai:gpt-next"]);
    expect(resolve("groq/meta/llama")).toEqual([undefined, "groq:meta/llama"]);
  });

  it("takes a bare model that exactly one provider lists", () => {
    expect(resolve("llama")).toEqual([undefined, "groq:llama"]);
  });

  it("asks the providers' own lists for a bare model that none is configured with", () => {
    expect(resolve("fresh", undefined, ({ name }) => name === "openai")).toEqual([undefined, "openai:fresh"]);
    expect(resolve("llama", undefined, ({ name }) => name === "openai")).toEqual([undefined, "groq:llama"]);
    expect(() => resolve("fresh", undefined, () => true)).toThrow(
      'several providers have "fresh". Name one of: groq/fresh, openai/fresh.',
    );
  });

  const unresolved: [string, string][] = [
    ["shared", "groq/shared, openai/shared"],
    ["nothing", "default, cheap"],
    ["meta/llama", "default, cheap"],
    ["openai/", "default, cheap"],
    ["__proto__", "default, cheap"],
  ];
  it.each(unresolved)("refuses %s and names what could have been meant", (model, candidates) => {
    const error = (() => {
      try {
        resolve(model);
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: "invalid_request", field: "model" });
    expect(String(error)).toContain(candidates);
  });

  it("tells of what the caller may use, and of nothing else", () => {
    expect(resolve("shared", undefined, nobody, ofGroq)).toEqual([undefined, "groq:shared"]);
    expect(() => resolve("nothing", undefined, nobody, ofGroq)).toThrow(
      "Name one of: default, openai/gpt-special, auto, groq/llama, groq/shared.",
    );
    expect(() => resolve("nothing", undefined, nobody, () => false)).toThrow("Ask an administrator");
    // Who may use none is refused by the list that forbids them.
    expect(resolve("shared", undefined, nobody, () => false)).toEqual([
      undefined,
      "groq:shared",
      "openai:shared",
    ]);
  });

  it.each(["openai/gpt", "gpt"])("takes %s with the limits that a route gives this target", (model) => {
    const { route: name, targets } = resolveModel(
      snapshot,
      { model, useCase: undefined, mayUse: anything },
      nobody,
    );
    expect(name).toBeUndefined();
    expect(targets).toEqual([withLimits.targets[1]]);
  });
});
