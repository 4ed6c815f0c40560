// Tool calls as they come in pieces: which piece belongs to which call. Servers of the family leave the index out,
// write it as text, begin at 1, repeat the id, change it or send "" for it later, and use one index for several calls.

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { brokenReply } from "../../broken-reply.ts";
import { checkDepth } from "../../part-writer.ts";
import type { PartWriter, Proof } from "../../part-writer.ts";
import { objectIn, saysSomething, textIn } from "../../vendor-json.ts";

interface OpenCall {
  readonly wireIndex: number | undefined;
  id: string | undefined;
  name: string | undefined;
  /** Undefined while the name has not come. */
  part: number | undefined;
  /** Arguments that came before the name. */
  held: string;
  proof: Proof | undefined;
}

export interface ToolCallReader {
  /** An entry of `tool_calls`. */
  read(call: JsonValue): void;
  /** The older `function_call`. */
  readLegacy(call: JsonObject): void;
  /** A proof that names its call, which may come later. */
  prove(id: string, proof: Proof): void;
  knows(id: string): boolean;
  /**
   * Gives the proofs whose call never came.
   * @throws ProviderError `broken_reply` for a call that never got a name
   */
  end(): readonly Proof[];
}

/** `answerId` is the vendor's id of the answer: ids that it leaves out are made of it. */
export const createToolCallReader = (parts: PartWriter, answerId: () => string): ToolCallReader =>
  new GatheredCalls(parts, answerId);

class GatheredCalls implements ToolCallReader {
  readonly #parts: PartWriter;
  readonly #answerId: () => string;
  readonly #calls: OpenCall[] = [];
  /** Most replies have none. */
  #proofs: Map<string, Proof> | undefined;
  #legacy: OpenCall | undefined;

  constructor(parts: PartWriter, answerId: () => string) {
    this.#parts = parts;
    this.#answerId = answerId;
  }

  read(value: JsonValue): void {
    const entry = objectIn(value);
    if (entry === undefined) throw brokenReply("an entry of `tool_calls` is no object");
    const type = textIn(entry["type"]);
    const told = objectIn(entry["function"]);
    if (told === undefined || (type !== undefined && type !== "function")) {
      this.#parts.opaque("tool_calls", entry);
      return;
    }
    const wireIndex = indexIn(entry["index"]);
    const id = textIn(entry["id"]);
    const name = textIn(told["name"]);
    const call = this.#callOf(wireIndex, id, name);
    call.id ??= id;
    this.#add(call, name, argumentsOf(told["arguments"]));
    this.#readExtras(entry, call);
  }

  readLegacy(told: JsonObject): void {
    this.#legacy ??= newCall(undefined, undefined);
    this.#add(this.#legacy, textIn(told["name"]), argumentsOf(told["arguments"]));
  }

  prove(id: string, proof: Proof): void {
    (this.#proofs ??= new Map()).set(id, proof);
  }

  knows(id: string): boolean {
    return this.#calls.some((call) => call.id === id);
  }

  end(): readonly Proof[] {
    const calls = this.#legacy === undefined ? this.#calls : [...this.#calls, this.#legacy];
    if (calls.some((call) => call.part === undefined)) throw brokenReply("a tool call has no name");
    for (const { id, part, proof } of this.#calls) {
      const proven = proof ?? (id === undefined ? undefined : this.#proofs?.get(id));
      if (id !== undefined) this.#proofs?.delete(id);
      if (part !== undefined && proven !== undefined) this.#parts.finish(part, proven);
    }
    return this.#proofs === undefined ? [] : [...this.#proofs.values()];
  }

  #callOf(wireIndex: number | undefined, id: string | undefined, name: string | undefined): OpenCall {
    const known = this.#knownCall(wireIndex, id, name);
    if (known !== undefined && !isAnother(known, id, name)) return known;
    const call = newCall(wireIndex, id);
    this.#calls.push(call);
    return call;
  }

  #knownCall(
    wireIndex: number | undefined,
    id: string | undefined,
    name: string | undefined,
  ): OpenCall | undefined {
    if (wireIndex !== undefined) return this.#calls.findLast((call) => call.wireIndex === wireIndex);
    if (id !== undefined) return this.#calls.findLast((call) => call.id === id);
    return name === undefined ? this.#calls.at(-1) : undefined;
  }

  #add(call: OpenCall, name: string | undefined, written: string): void {
    call.name ??= name;
    if (call.part === undefined) {
      if (call.name === undefined) {
        call.held += written;
        return;
      }
      call.id ??= `call_${this.#answerId()}_${this.#parts.count()}`;
      call.part = this.#parts.open({ kind: "tool_call", id: call.id, name: call.name });
      const all = call.held + written;
      if (all !== "") this.#parts.more(call.part, all);
    } else if (written !== "") {
      this.#parts.more(call.part, written);
    }
  }

  #readExtras(entry: JsonObject, call: OpenCall): void {
    for (const key in entry) {
      if (key === "index" || key === "id" || key === "type" || key === "function") continue;
      const extra = entry[key];
      if (!saysSomething(extra)) continue;
      const signature = key === "extra_content" ? thoughtSignature(extra) : undefined;
      if (signature !== undefined) call.proof = { signature, vendor: "gemini" };
      else this.#parts.opaque(`tool_calls.${key}`, { id: call.id ?? null, [key]: extra });
    }
  }
}

const indexIn = (value: JsonValue | undefined): number | undefined => {
  const index = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof index === "number" ? index : undefined;
};

const newCall = (wireIndex: number | undefined, id: string | undefined): OpenCall => ({
  wireIndex,
  id,
  name: undefined,
  part: undefined,
  held: "",
  proof: undefined,
});

/** A new id alone is none: some servers make one for every piece. */
const isAnother = (known: OpenCall, id: string | undefined, name: string | undefined): boolean =>
  name !== undefined &&
  known.name !== undefined &&
  ((id !== undefined && known.id !== undefined && known.id !== id) ||
    (id === undefined && known.name !== name));

/** Google's own endpoint in OpenAI's format puts its proof here (ai.google.dev/gemini-api/docs/thought-signatures). */
function thoughtSignature(extra: JsonValue): string | undefined {
  const google = objectIn(objectIn(extra)?.["google"]);
  return textIn(google?.["thought_signature"]);
}

const argumentsOf = (value: JsonValue | undefined): string => {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(checkDepth(value));
};
