// The request as far as one model takes it: what it refuses is left out, or the whole call would fail.

import type { ChatRequest, ReasoningEffort, Sampling } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits, RefusedSetting } from "./model-traits.ts";
import { nearestEffort } from "./nearest-effort.ts";

export interface FitContext {
  readonly api: "chat" | "responses";
  readonly model: string;
  /** Undefined: nothing is known of the model, and nothing is changed. */
  readonly traits: ModelTraits | undefined;
  readonly losses: LossList;
}

export function fitToModel(request: ChatRequest, context: FitContext): ChatRequest {
  const { traits } = context;
  if (traits === undefined) return request;
  const { reasoning, sampling, stop, parallelToolCalls } = request;
  const effort = effortFor(request, traits, context);
  const refused = reasonsWith(effort, traits)
    ? [...traits.refuses, ...traits.refusesWithReasoning]
    : traits.refuses;
  if (refused.length === 0 && effort === reasoning?.effort) return request;
  return {
    ...request,
    reasoning: effort === reasoning?.effort ? reasoning : { ...reasoning, effort },
    sampling: sampling === undefined ? undefined : samplingFor(sampling, refused, context),
    stop: stop === undefined ? undefined : stopFor(stop, refused, context),
    parallelToolCalls: parallelCallsFor(parallelToolCalls, refused, context),
  };
}

const reasonsWith = (effort: ReasoningEffort | undefined, traits: ModelTraits): boolean =>
  effort === undefined ? traits.reasonsUnasked : effort !== "none";

function effortFor(
  { reasoning, tools = [] }: ChatRequest,
  traits: ModelTraits,
  { api, model, losses }: FitContext,
): ReasoningEffort | undefined {
  const { efforts } = traits;
  const wanted = reasoning?.effort;
  const sent = wanted === undefined || efforts === undefined ? wanted : nearestEffort(wanted, efforts);
  const withoutReasoning = api === "chat" && traits.chatToolsWithoutReasoning === true && tools.length > 0;
  if (withoutReasoning && reasonsWith(sent, traits)) {
    const detail = `It was sent as none: ${model} takes tools in Chat Completions only without reasoning. Give the target the API \`responses\`.`;
    losses.add("reasoning.effort", detail);
    return "none";
  }
  if (sent === wanted) return wanted;
  if (sent !== undefined) {
    losses.add("reasoning.effort", `It was sent as ${sent}: ${model} knows no ${wanted}.`);
  } else if (wanted !== "none" || traits.reasonsUnasked) {
    losses.add("reasoning.effort", `It was left out: ${model} does not take ${wanted}.`);
  }
  return sent;
}

/** What each does where nothing is said: leaving that out loses nothing. */
const usual = { temperature: 1, topP: 1, frequencyPenalty: 0, presencePenalty: 0 } as const;

function samplingFor(
  sampling: Sampling,
  refused: readonly RefusedSetting[],
  { model, losses }: FitContext,
): Sampling {
  const taken = (name: keyof typeof usual): number | undefined => {
    const value = sampling[name];
    if (value === undefined || !refused.includes(name)) return value;
    if (value !== usual[name]) {
      losses.add(`sampling.${name}`, `It was left out: ${model} takes no other value than ${usual[name]}.`);
    }
    return undefined;
  };
  return {
    ...sampling,
    temperature: taken("temperature"),
    topP: taken("topP"),
    frequencyPenalty: taken("frequencyPenalty"),
    presencePenalty: taken("presencePenalty"),
  };
}

function stopFor(
  stop: readonly string[],
  refused: readonly RefusedSetting[],
  { model, losses }: FitContext,
): ChatRequest["stop"] {
  if (stop.length === 0 || !refused.includes("stop")) return stop;
  losses.add("stop", `It was left out: ${model} takes no stop sequences.`);
  return undefined;
}

function parallelCallsFor(
  parallel: boolean | undefined,
  refused: readonly RefusedSetting[],
  { model, losses }: FitContext,
): boolean | undefined {
  if (parallel === undefined || !refused.includes("parallelToolCalls")) return parallel;
  if (!parallel) losses.add("parallelToolCalls", `It was left out: ${model} has no such setting.`);
  return undefined;
}
