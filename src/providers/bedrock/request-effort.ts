// The wish for reasoning of models of other makers than Claude's: an effort in a field of the model's own.
// Sources: docs.aws.amazon.com/nova/latest/nova2-userguide/using-converse-api.html,
// docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-openai.html

import type { ChatRequest, ReasoningEffort } from "../../core/chat/request.ts";
import type { JsonObject } from "../../core/json.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";

interface EffortContext {
  readonly traits: Pick<ModelTraits, "effortField">;
  readonly losses: LossList;
}

type Level = "low" | "medium" | "high";

const levels = {
  none: "low",
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
} as const satisfies Record<ReasoningEffort, Level>;

/** Fields of the model's own; undefined where nothing is to be said. */
export function effortFields(
  request: ChatRequest,
  { traits, losses }: EffortContext,
): JsonObject | undefined {
  const { effort, budgetTokens = 0 } = request.reasoning ?? {};
  const { effortField } = traits;
  if (effort === undefined && budgetTokens === 0) return undefined;
  // Nova reasons only where it is asked to; the models of the other field always do.
  if (effort === "none" && effortField !== "reasoning_effort") {
    if (budgetTokens > 0) losses.add("reasoning.budgetTokens", "Dropped: the effort is none.");
    return undefined;
  }
  if (effortField === undefined) {
    losses.add(
      "reasoning",
      "Dropped: Bedrock has no field for it that holds for every model; see providerOptions.bedrock.additionalModelRequestFields.",
    );
    return undefined;
  }
  const wished = effort === undefined ? levelFor(budgetTokens) : levels[effort];
  const level = effortField === "reasoningConfig" ? fitting(wished, request) : wished;
  if (budgetTokens > 0) losses.add("reasoning.budgetTokens", "Dropped: this model takes an effort.");
  if (effort !== undefined && level !== effort) {
    losses.add("reasoning.effort", `Sent as ${level}: this model takes no ${effort} here.`);
  }
  return effortField === "reasoningConfig"
    ? { reasoningConfig: { type: "enabled", maxReasoningEffort: level } }
    : { reasoning_effort: level };
}

const levelFor = (budgetTokens: number): Level =>
  budgetTokens <= 1024 ? "low" : budgetTokens <= 8192 ? "medium" : "high";

/** With the highest effort Nova takes neither a limit nor sampling. */
function fitting(level: Level, { maxOutputTokens, sampling = {} }: ChatRequest): Level {
  const isBound =
    maxOutputTokens !== undefined || sampling.temperature !== undefined || sampling.topP !== undefined;
  return level === "high" && isBound ? "medium" : level;
}
