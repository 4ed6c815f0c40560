// The caller's own members for this vendor, sorted by what has to be done with them.

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { Delivery } from "../../../core/provider.ts";
import type { LossList } from "../../loss-list.ts";
import { isJsonObject, listIn, stringIn } from "../../vendor-json.ts";
import { type RefusalOf, setAlready } from "../refused-options.ts";
import type { ResponsesMember } from "./member.ts";

export interface GivenOption {
  /** Its place in the core's request. */
  readonly field: string;
  readonly value: JsonValue;
}

export interface GivenOptions {
  /** Undefined: nothing was said. */
  readonly store: boolean | undefined;
  readonly include: readonly string[];
  /** Members of `text` and of `reasoning`, which the request may set in part. */
  readonly text: ReadonlyMap<string, GivenOption>;
  readonly reasoning: ReadonlyMap<string, GivenOption>;
  /** All others, by name. */
  readonly rest: ReadonlyMap<string, GivenOption>;
}

interface Context {
  readonly member: ResponsesMember;
  readonly delivery: Delivery;
  readonly losses: LossList;
  readonly refusalOf: RefusalOf;
}

/** Ours even where they are absent: how the answer is read hangs on them. */
const reserved = new Set(["model", "input", "messages", "stream"]);

/** Members of Chat Completions for which the Responses API has none. */
const chatOnly = new Set([
  "audio",
  "frequency_penalty",
  "function_call",
  "functions",
  "logit_bias",
  "max_completion_tokens",
  "max_tokens",
  "modalities",
  "prediction",
  "presence_penalty",
  "reasoning_effort",
  "response_format",
  "seed",
  "stop",
  "stream_options",
  "web_search_options",
]);

export function readOptions(
  providerOptions: Readonly<Record<string, JsonObject>>,
  context: Context,
): GivenOptions {
  const { member } = context;
  const read = new Map<string, GivenOption>();
  for (const key of [member.kind, "openai_family"]) {
    for (const [name, value] of Object.entries(providerOptions[key] ?? {})) {
      const option = { field: `providerOptions.${key}.${name}`, value };
      const loss = lossOf(name, value, { ...context, ofFamily: key === "openai_family" });
      if (loss !== undefined) context.losses.add(option.field, loss);
      else if (!read.has(name)) read.set(name, option);
      else context.losses.add(option.field, setAlready);
    }
  }
  return sorted(read, context);
}

function lossOf(
  name: string,
  value: JsonValue,
  { member, delivery, refusalOf, ofFamily }: Context & { readonly ofFamily: boolean },
): string | undefined {
  if (reserved.has(name)) return setAlready;
  if (name === "background" && value === true && delivery === "unary") {
    return "It was left out: a whole answer would come before the model has begun. Ask for a stream.";
  }
  // Under the vendor's own name the caller knows which API is meant.
  if (ofFamily && chatOnly.has(name) && !(member.takesMoreSampling && name.endsWith("_penalty"))) {
    return "It was left out: it is Chat Completions' and the Responses API has no such member.";
  }
  return refusalOf(name, value);
}

function sorted(read: Map<string, GivenOption>, context: Context): GivenOptions {
  const take = (name: string): GivenOption | undefined => {
    const option = read.get(name);
    read.delete(name);
    return option;
  };
  take("n");
  const { value: store } = take("store") ?? {};
  const include = listIn(take("include")?.value).flatMap((each) => stringIn(each) ?? []);
  const text = membersOf(take("text"));
  const verbosity = take("verbosity");
  if (verbosity !== undefined && !text.has("verbosity")) text.set("verbosity", verbosity);
  const logprobs = context.member.logprobsBy === "member" ? undefined : take("logprobs");
  if (logprobs?.value === true) {
    if (context.member.logprobsBy === "include") include.push("message.output_text.logprobs");
    else if (!read.has("top_logprobs")) {
      context.losses.add(
        logprobs.field,
        `It was left out: ${context.member.name} takes top_logprobs instead.`,
      );
    }
  }
  return {
    store: typeof store === "boolean" ? store : undefined,
    include,
    text,
    reasoning: membersOf(take("reasoning")),
    rest: read,
  };
}

function membersOf(option: GivenOption | undefined): Map<string, GivenOption> {
  if (option === undefined || !isJsonObject(option.value)) return new Map();
  const { field, value } = option;
  return new Map(
    Object.entries(value).map(([name, member]) => [name, { field: `${field}.${name}`, value: member }]),
  );
}
