/**
 * Lets a person steer the demo model from any front end, by words in the last user message:
 *
 *     directive = "[demo" *( space word ) "]"      the message's first one counts, at most 300 characters
 *     word      = "tokens=" 1..20000               length of the answer in tokens
 *               | "delay=" 0..60000                milliseconds between tokens
 *               | "tool=" name | "tools=" 1..8     call this tool; call so many tools at once
 *               | "reasoning"                      think first
 *               | "filter" ["=" ("answer"|"prompt")]  break off in the answer's middle, or refuse the prompt, as a
 *                                                content filter does
 *               | "fault=" fault                   go wrong …
 *               | "times=" 1..100                  … for the first n requests with this message only
 *               | "only=" model                    … on this model only
 *     fault     = "status:" 200..599 [":" retry-after seconds] [":" ("html"|"empty"|"truncated"|"wrong_type")]
 *               | "reset:" ("before"|"after")      before or after the headers
 *               | "hang:" ("before"|"after"|events) | "cut:" events | "malformed_line:" events
 *               | "error_event:" events | "quiet_end"
 *
 * A later word wins over an earlier one of its kind. Whatever is no such word stays in the message as ordinary text.
 */
import type { DemoFault, FaultBody } from "./faults.ts";

export interface DemoDirective {
  readonly tokens?: number;
  readonly delayMs?: number;
  readonly tool?: string;
  readonly tools?: number;
  readonly reasoning?: boolean;
  /** What a content filter objects to. */
  readonly filter?: "answer" | "prompt";
  readonly fault?: DemoFault;
  /** The model that `fault` is meant for; every model when absent. */
  readonly onlyModel?: string;
}

export interface SteeredText {
  readonly directive: DemoDirective;
  /** The message without the words that were understood. */
  readonly text: string;
}

const pattern = /\[demo(?=[\s\]])([^[\]]{0,300})\]/u;
const bodies: Readonly<Record<string, FaultBody>> = {
  html: "html",
  empty: "empty",
  truncated: "truncated",
  wrong_type: "wrong_type",
};

export function parseDirective(message: string): SteeredText {
  const match = pattern.exec(message);
  if (match === null) return { directive: {}, text: message };
  const directive: DemoDirective & { readonly times?: number } = {};
  const rest: string[] = [];
  for (const word of (match[1] ?? "").split(/\s+/u)) {
    const understood = parseWord(word);
    if (understood === undefined) rest.push(word);
    else Object.assign(directive, understood);
  }
  const before = message.slice(0, match.index);
  const after = message.slice(match.index + match[0].length);
  const text = [before.trimEnd(), ...rest, after.trimStart()].filter((piece) => piece !== "").join(" ");
  const { times, fault, ...others } = directive;
  if (fault === undefined) return { directive: others, text };
  return { directive: { ...others, fault: times === undefined ? fault : { ...fault, times } }, text };
}

function parseWord(word: string): (DemoDirective & { readonly times?: number }) | undefined {
  if (word === "reasoning") return { reasoning: true };
  if (word === "filter" || word === "filter=answer") return { filter: "answer" };
  if (word === "filter=prompt") return { filter: "prompt" };
  const equals = word.indexOf("=");
  const name = word.slice(0, equals);
  const value = word.slice(equals + 1);
  if (equals < 1 || value === "") return undefined;
  if (name === "tool") return { tool: value };
  if (name === "only") return { onlyModel: value };
  if (name === "fault") {
    const fault = parseFault(value.split(":"));
    return fault && { fault };
  }
  if (name === "tokens") return inRange(value, [1, 20_000], (tokens) => ({ tokens }));
  if (name === "delay") return inRange(value, [0, 60_000], (delayMs) => ({ delayMs }));
  if (name === "tools") return inRange(value, [1, 8], (tools) => ({ tools }));
  if (name === "times") return inRange(value, [1, 100], (times) => ({ times }));
  return undefined;
}

function parseFault(words: readonly string[]): DemoFault | undefined {
  const [kind, first, ...rest] = words;
  if (kind === "status") return parseStatus(first, rest);
  if (rest.length > 0) return undefined;
  if (kind === "quiet_end") return first === undefined ? { kind } : undefined;
  if (first === undefined) return undefined;
  const at = first === "before" ? "before_headers" : first === "after" ? "after_headers" : undefined;
  if (kind === "reset") return at && { kind, at };
  if (kind === "hang" && at !== undefined) return { kind, at };
  return inRange(first, [0, 100_000], (afterEvents): DemoFault | undefined => {
    if (kind === "hang") return { kind, at: { afterEvents } };
    if (kind === "cut" || kind === "malformed_line" || kind === "error_event") return { kind, afterEvents };
    return undefined;
  });
}

function parseStatus(status: string | undefined, rest: readonly string[]): DemoFault | undefined {
  const words = [...rest];
  const retryAfterSeconds = inRange(words[0] ?? "", [0, 86_400], (seconds) => seconds);
  if (retryAfterSeconds !== undefined) words.shift();
  const name = words.shift();
  const body = name === undefined || !Object.hasOwn(bodies, name) ? undefined : bodies[name];
  if (words.length > 0 || (name !== undefined && body === undefined)) return undefined;
  return inRange(status ?? "", [200, 599], (code) => ({
    kind: "status",
    status: code,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(body === undefined ? {} : { body }),
  }));
}

function inRange<T>(
  digits: string,
  [least, most]: readonly [number, number],
  make: (value: number) => T,
): T | undefined {
  if (!/^\d{1,6}$/u.test(digits)) return undefined;
  const value = Number(digits);
  return value >= least && value <= most ? make(value) : undefined;
}
