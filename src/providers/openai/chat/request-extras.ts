// What a caller adds to the body for this vendor alone, or for the whole family.

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { LossList } from "../../loss-list.ts";
import { type RefusalOf, setAlready } from "../refused-options.ts";
import type { FamilyMember } from "./family-member.ts";

export interface ExtrasContext {
  /** What the request itself sets. */
  readonly body: object;
  /** Ours even where they are absent: how the answer is read hangs on them. */
  readonly reserved: ReadonlySet<string>;
  readonly member: FamilyMember;
  readonly losses: LossList;
  readonly refusalOf: RefusalOf;
}

/** The provider options under the member's kind win over those under `openai_family`. */
export function extrasOf(
  providerOptions: Readonly<Record<string, JsonObject>>,
  { body, reserved, member, losses, refusalOf }: ExtrasContext,
): Readonly<Record<string, JsonValue>> {
  const set = new Set(reserved);
  for (const [name, value] of Object.entries(body)) if (value !== undefined) set.add(name);
  const extras: [string, JsonValue][] = [];
  for (const key of [member.kind, "openai_family"]) {
    for (const [name, value] of Object.entries(providerOptions[key] ?? {})) {
      const field = `providerOptions.${key}.${name}`;
      const refusal = refusalOf(name, value);
      if (refusal !== undefined) {
        losses.add(field, refusal);
      } else if (set.has(name)) {
        losses.add(field, setAlready);
      } else {
        set.add(name);
        extras.push([name, value]);
      }
    }
  }
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(extras);
}
