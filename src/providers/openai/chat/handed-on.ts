// Members that the core's model has no place for, handed on as opaque parts. Servers repeat them in every chunk:
// once is enough while they say the same.

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { brokenReply } from "../../broken-reply.ts";
import type { PartWriter } from "../../part-writer.ts";
import { isJsonArray, isJsonObject, saysSomething } from "../../vendor-json.ts";

export interface MemberHander {
  /** Hands on all members but those that are named, and one more where a name is given. */
  handOn(object: JsonObject, others: ReadonlySet<string>, another?: string): void;
}

const maxMembers = 64;
const maxValuesKept = 8;

export const createMemberHander = (parts: PartWriter): MemberHander => new ToldMembers(parts);

class ToldMembers implements MemberHander {
  readonly #parts: PartWriter;
  /** Most replies have none. */
  #told: Map<string, JsonValue[]> | undefined;

  constructor(parts: PartWriter) {
    this.#parts = parts;
  }

  handOn(object: JsonObject, others: ReadonlySet<string>, another?: string): void {
    for (const key in object) {
      if (others.has(key) || key === another) continue;
      const value = object[key];
      if (saysSomething(value)) this.#tell(key, value);
    }
  }

  #tell(key: string, value: JsonValue): void {
    const told = (this.#told ??= new Map<string, JsonValue[]>());
    const before = told.get(key);
    if (before === undefined) {
      if (told.size === maxMembers) throw brokenReply("it has too many members");
      told.set(key, [value]);
    } else {
      for (const known of before) if (isSame(known, value)) return;
      if (before.length === maxValuesKept) before.shift();
      before.push(value);
    }
    this.#parts.opaque(key, value);
  }
}

/** What was handed on once is shallow enough for this to recurse; the other may be deeper, and then differs. */
function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (isJsonArray(a)) {
    if (!isJsonArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i += 1) if (!isSame(a[i], b[i])) return false;
    return true;
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  let members = 0;
  for (const key in a) {
    if (!isSame(a[key], b[key])) return false;
    members += 1;
  }
  for (const _ in b) members -= 1;
  return members === 0;
}
