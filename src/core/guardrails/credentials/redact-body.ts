// Takes credentials out of a body before it is kept, and looks at no more of it than will be kept.

import { redactCredentials } from "./redact-credentials.ts";
import { redacted } from "./redacted.ts";

/** What is nested deeper is left out. */
const maxDepth = 100;

/** What is looked at behind the end of what is kept, so that a credential there is seen whole. */
const overlapChars = 16_384;

/** Of what is kept may be looked at for it, where it is full of credentials. */
const mostLooked = 16;

interface Budget {
  /** Characters that are still kept. */
  left: number;
  /** Characters that are still looked at; what comes after them is taken for a credential. */
  unread: number;
}

/**
 * A copy of a body, of plain values as JSON has them, with every text in it and every name redacted. One whose JSON
 * text is longer than `keepMaxChars` is still longer, and may end soon after: whoever cuts it there sees that it is cut.
 */
export const redactBody = (body: object, keepMaxChars: number): object =>
  redactMembers(body, { left: keepMaxChars + 1, unread: mostLooked * (keepMaxChars + overlapChars) }, 0);

function redactMembers(value: object, budget: Budget, depth: number): object {
  budget.left -= 2;
  return Array.isArray(value)
    ? redactItems(value, budget, depth)
    : redactObject(Object.entries(value), budget, depth);
}

function redactItems(items: readonly unknown[], budget: Budget, depth: number): unknown[] {
  const copy: unknown[] = [];
  for (const item of items) {
    if (budget.left < 0) break;
    copy.push(redactValue(item, budget, depth + 1));
  }
  return copy;
}

function redactObject(
  entries: readonly (readonly [string, unknown])[],
  budget: Budget,
  depth: number,
): object {
  const copy: Record<string, unknown> = {};
  const freeName = createNames(copy);
  for (const [key, member] of entries) {
    if (budget.left < 0) break;
    if (member === undefined) continue;
    const name = freeName(redactText(key, budget));
    // A plain assignment would take the name `__proto__` for the prototype.
    Object.defineProperty(copy, name, { value: redactValue(member, budget, depth + 1), enumerable: true });
  }
  return copy;
}

/** Names that were two are not one afterwards. However many there are, each is made in a moment. */
function createNames(copy: object): (name: string) => string {
  const counts = new Map<string, number>();
  return (name) => {
    let free = name;
    while (Object.hasOwn(copy, free)) {
      const count = (counts.get(name) ?? 1) + 1;
      counts.set(name, count);
      free = `${name} ${count}`;
    }
    return free;
  };
}

function redactValue(value: unknown, budget: Budget, depth: number): unknown {
  if (typeof value === "string") return redactText(value, budget);
  if (typeof value !== "object" || value === null) {
    budget.left -= 1;
    return value;
  }
  return depth < maxDepth ? redactMembers(value, budget, depth) : redacted;
}

function redactText(text: string, budget: Budget): string {
  const kept = redactedUpTo(text, budget);
  budget.left -= kept.length + 2;
  return kept;
}

/** Redacted, and whole or longer than what is left. */
function redactedUpTo(text: string, budget: Budget): string {
  const most = Math.max(budget.left, 0);
  for (let looked = most + overlapChars; ; looked *= 2) {
    if (looked > budget.unread) return redacted;
    const part = text.slice(0, looked);
    budget.unread -= part.length;
    const found = redactCredentials(part);
    if (looked >= text.length) return found;
    // What the end of the part may have cut in two is behind what is kept.
    if (found.length >= most + overlapChars / 2) return found.slice(0, most + 1);
  }
}
