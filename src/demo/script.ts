/** What the demo model answers: a pure function of the request and the directive in it. */
import type { DemoDirective, SteeredText } from "./directive.ts";
import { freshToolResults, type DemoFormat, type DemoRequest, type DemoTool } from "./demo-request.ts";
import { exampleArguments, exampleFromSchema } from "./json-example.ts";
import { splitFragments, splitTokens, stretchTokens } from "./token-text.ts";

export type DemoPart =
  | { readonly kind: "reasoning"; readonly tokens: readonly string[] }
  | { readonly kind: "text"; readonly tokens: readonly string[] }
  /** `fragments` joined are the arguments' JSON, unless the token limit cut them. */
  | { readonly kind: "tool_call"; readonly name: string; readonly fragments: readonly string[] };

export type DemoFinish =
  | { readonly kind: "stop" | "length" | "tool_calls" }
  /** The first is broken off, the second has no parts. */
  | { readonly kind: "content_filter" | "prompt_blocked" }
  | { readonly kind: "stop_sequence"; readonly sequence: string };

export interface DemoAnswer {
  readonly parts: readonly DemoPart[];
  readonly finish: DemoFinish;
  readonly outputTokens: number;
  /** Of `outputTokens`. */
  readonly reasoningTokens: number;
}

const quotedTokens = 40;

export function planAnswer(request: DemoRequest, prompt: SteeredText): DemoAnswer {
  const { filter } = prompt.directive;
  if (filter === "prompt") return limit([], { kind: "prompt_blocked" });
  const answer = planWhole(request, prompt);
  if (filter === undefined) return answer;
  const half = limit(answer.parts, answer.finish, Math.floor(answer.outputTokens / 2));
  return { ...half, finish: { kind: "content_filter" } };
}

function planWhole(request: DemoRequest, prompt: SteeredText): DemoAnswer {
  const parts: DemoPart[] = [];
  const thinks = request.reasoning || prompt.directive.reasoning === true;
  // An answer that has begun is thought out.
  if (thinks && request.begun === undefined) {
    parts.push({ kind: "reasoning", tokens: splitTokens(reasoningText(prompt.text)) });
  }
  const calls = planToolCalls(request, prompt.directive);
  if (calls.length > 0) return limit([...parts, ...calls], { kind: "tool_calls" }, request.maxTokens);
  const { tokens, sequence } = stopAt(goOn(planText(request, prompt), request.begun), request.stop);
  if (tokens.length > 0) parts.push({ kind: "text", tokens });
  const finish: DemoFinish = sequence === undefined ? { kind: "stop" } : { kind: "stop_sequence", sequence };
  return limit(parts, finish, request.maxTokens);
}

function planToolCalls(request: DemoRequest, directive: DemoDirective): DemoPart[] {
  const { tools, toolChoice } = request;
  if (tools.length === 0 || toolChoice.kind === "none") return [];
  // With the results in hand the model speaks, else a program that runs the tools would turn in circles.
  const answered = freshToolResults(request).length > 0;
  const asked = !answered && (directive.tool !== undefined || directive.tools !== undefined);
  const forced = toolChoice.kind !== "auto";
  if (!asked && !forced) return [];
  const wanted = toolChoice.kind === "named" ? toolChoice.name : directive.tool;
  const start = wanted === undefined ? 0 : tools.findIndex((tool) => tool.name === wanted);
  if (start < 0 && !forced) return [];
  const count = request.parallelTools && !answered ? (directive.tools ?? 1) : 1;
  const offered = toolChoice.kind === "named" ? tools.filter((tool) => tool.name === wanted) : tools;
  const first = toolChoice.kind === "named" ? 0 : Math.max(start, 0);
  return Array.from({ length: count }, (_, position) => callTool(offered, first + position)).filter(
    (call) => call !== undefined,
  );
}

/** The `position`-th call; past the end of the list the tools are called again, with other arguments. */
function callTool(tools: readonly DemoTool[], position: number): DemoPart | undefined {
  const tool = tools[position % tools.length];
  if (tool === undefined) return undefined;
  const given = exampleArguments(tool.schema, 1 + Math.floor(position / tools.length));
  return { kind: "tool_call", name: tool.name, fragments: splitFragments(JSON.stringify(given)) };
}

function planText(request: DemoRequest, prompt: SteeredText): string[] {
  if (request.format.kind !== "text") return splitTokens(jsonText(request.format, prompt.text));
  const text = answerText(request, prompt);
  const { tokens } = prompt.directive;
  return tokens === undefined ? splitTokens(text) : stretchTokens(text, tokens);
}

/** What is left of the answer; all of it where it was begun otherwise. */
function goOn(tokens: string[], begun: string | undefined): string[] {
  if (begun === undefined) return tokens;
  const text = tokens.join("");
  return text.startsWith(begun) ? splitTokens(text.slice(begun.length)) : tokens;
}

function answerText(request: DemoRequest, { directive, text }: SteeredText): string {
  const results = freshToolResults(request);
  const seen = request.messages.reduce((images, message) => images + message.images, 0);
  const sentences = [
    results.length > 0
      ? results.map((result) => `The tool answered: "${excerpt(result.text)}".`).join(" ")
      : text === ""
        ? "This is the demo model; your message holds no words."
        : `This is the demo model; you wrote: "${excerpt(text)}".`,
  ];
  if (seen > 0) sentences.push(`I was shown ${seen} ${seen === 1 ? "image" : "images"}.`);
  const missing = directive.tool;
  if (missing !== undefined && !request.tools.some((tool) => tool.name === missing)) {
    sentences.push(`I was offered no tool called ${missing}.`);
  }
  return sentences.join(" ");
}

function reasoningText(text: string): string {
  return text === ""
    ? "Nothing was asked, so I shall say so."
    : `The user wrote "${excerpt(text)}". I shall say it back.`;
}

function jsonText(format: DemoFormat, text: string): string {
  if (format.kind === "json_schema") return JSON.stringify(exampleFromSchema(format.schema));
  return JSON.stringify({ answer: excerpt(text) });
}

function excerpt(text: string): string {
  const tokens = splitTokens(text);
  return tokens.length <= quotedTokens ? text.trim() : `${tokens.slice(0, quotedTokens).join("").trim()} …`;
}

/** The text before the first stop sequence, and which it was. */
function stopAt(tokens: string[], stop: readonly string[]): { tokens: string[]; sequence?: string } {
  if (stop.length === 0) return { tokens };
  const text = tokens.join("");
  let end = text.length;
  let found: string | undefined;
  for (const sequence of stop) {
    const position = sequence === "" ? -1 : text.indexOf(sequence);
    if (position >= 0 && position < end) [end, found] = [position, sequence];
  }
  return found === undefined ? { tokens } : { tokens: splitTokens(text.slice(0, end)), sequence: found };
}

/** Cuts the answer at `maxTokens`. A tool call costs one token for its name and one for each fragment. */
function limit(parts: readonly DemoPart[], finish: DemoFinish, maxTokens = Infinity): DemoAnswer {
  const kept: DemoPart[] = [];
  let left = maxTokens;
  let reasoningTokens = 0;
  let cut = false;
  for (const part of parts) {
    const wanted = part.kind === "tool_call" ? part.fragments.length + 1 : part.tokens.length;
    const granted = Math.min(wanted, left);
    if (granted < wanted) cut = true;
    if (granted === 0) break;
    left -= granted;
    if (part.kind === "reasoning") reasoningTokens += granted;
    if (part.kind === "tool_call") kept.push({ ...part, fragments: part.fragments.slice(0, granted - 1) });
    else kept.push({ ...part, tokens: part.tokens.slice(0, granted) });
  }
  const outputTokens = kept.reduce(
    (sum, part) => sum + (part.kind === "tool_call" ? part.fragments.length + 1 : part.tokens.length),
    0,
  );
  return { parts: kept, finish: cut ? { kind: "length" } : finish, outputTokens, reasoningTokens };
}
