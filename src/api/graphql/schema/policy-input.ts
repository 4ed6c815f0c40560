// What may be said of breakers, times and loads, in the words of the configuration file.

import { builder } from "../builder.ts";

const BreakerErrorRateInput = builder.inputType("BreakerErrorRateInput", {
  description: "Failed ÷ ended attempts of a sliding window.",
  fields: (t) => ({
    percent: t.float({ required: true, description: "Opens the breaker: 1 to 100." }),
    windowSeconds: t.int({ description: "1 to 3600, usually 60." }),
    minAttempts: t.int({ description: "With fewer in the window it says nothing; usually 20." }),
  }),
});

export const BreakerInput = builder.inputType("BreakerInput", {
  description: "When a target that fails is left alone, and for how long. It replaces what was said before.",
  fields: (t) => ({
    failureThreshold: t.int({ description: "Failures in a row that open it: 1 to 1000." }),
    resetTimeoutSeconds: t.int({ description: "How long it stays open before one attempt may probe." }),
    errorRate: t.field({
      type: BreakerErrorRateInput,
      description: "Absent: only failures in a row open it.",
    }),
  }),
});

const firstToken = "From an attempt's beginning to the first content of its stream.";
const wholeAnswer = "From an attempt's beginning to the end of an answer that is not streamed.";
const betweenTokens = "Between two events of a stream.";

export const TargetTimeoutsInput = builder.inputType("TargetTimeoutsInput", {
  description: "How long a target is waited for. It replaces what was said before.",
  fields: (t) => ({
    firstTokenMs: t.int({ description: firstToken }),
    betweenTokensMs: t.int({ description: betweenTokens }),
    wholeAnswerMs: t.int({ description: wholeAnswer }),
  }),
});

export const ProviderTimeoutsInput = builder.inputType("ProviderTimeoutsInput", {
  description: "How long a provider is waited for. It replaces what was said before.",
  fields: (t) => ({
    connectMs: t.int({ description: "How long a connection may take." }),
    firstTokenMs: t.int({ description: firstToken }),
    betweenTokensMs: t.int({ description: betweenTokens }),
    wholeAnswerMs: t.int({ description: wholeAnswer }),
  }),
});

export const ProbeInput = builder.inputType("ProbeInput", {
  description: "How a provider is asked for its list of models, to know that it can be reached.",
  fields: (t) => ({
    intervalSeconds: t.int({ description: "1 to 86400, usually 30." }),
    timeoutMs: t.int({ description: "1 to 60000, usually 5000." }),
  }),
});
