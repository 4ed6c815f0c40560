// Keeps a body from costing more than what will be kept of it: one that is too long is shortened before its JSON
// text is made.

const maxDepth = 100;

/** A body whose JSON text is to be made; `cut`: it was too long to be taken whole. */
export interface BoundedBody {
  readonly value: unknown;
  readonly cut: boolean;
}

/**
 * The body itself if it is small enough, else a copy whose JSON text is the same up to `maxBytes` and ends
 * soon after. For plain values, as JSON has them.
 */
export function boundBody(body: object, maxBytes: number): BoundedBody {
  const budget = { left: maxBytes, tooDeep: false };
  weigh(body, budget, 0);
  if (budget.left >= 0 && !budget.tooDeep) return { value: body, cut: false };
  return { value: shorten(body, { left: maxBytes + 1, tooDeep: false }, 0), cut: true };
}

/** What is left is no less than what the body's JSON text leaves. */
interface Budget {
  left: number;
  tooDeep: boolean;
}

function weigh(value: unknown, budget: Budget, depth: number): void {
  if (budget.left < 0) return;
  if (typeof value === "string") {
    budget.left -= value.length + 2;
  } else if (Array.isArray(value)) {
    budget.left -= 2;
    if (depth === maxDepth) budget.tooDeep = true;
    else for (const item of value) weigh(item, budget, depth + 1);
  } else if (isRecord(value)) {
    budget.left -= 2;
    if (depth === maxDepth) budget.tooDeep = true;
    else weighMembers(value, budget, depth);
  } else if (value !== undefined) {
    budget.left -= 1;
  }
}

function weighMembers(value: Readonly<Record<string, unknown>>, budget: Budget, depth: number): void {
  // Not by a list of the keys: one would be made for each object of each call.
  for (const key in value) {
    const member = value[key];
    if (member === undefined) continue;
    budget.left -= key.length + 3;
    weigh(member, budget, depth + 1);
    if (budget.left < 0) return;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

function shorten(value: unknown, budget: Budget, depth: number): unknown {
  if (typeof value === "string") {
    const kept = value.slice(0, Math.max(budget.left, 0));
    budget.left -= value.length + 2;
    return kept;
  }
  if (typeof value !== "object" || value === null) {
    budget.left -= 1;
    return value;
  }
  // The closing bracket counts at the end: a copy that stops inside has its own too early, beyond the limit.
  budget.left -= 1;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  if (depth === maxDepth) return copy;
  for (const [key, member] of Object.entries(value)) {
    if (budget.left < 0) break;
    if (Array.isArray(copy)) {
      copy.push(shorten(member, budget, depth + 1));
    } else if (member !== undefined) {
      budget.left -= key.length + 3;
      // A plain assignment would take the key `__proto__` for the prototype.
      Object.defineProperty(copy, key, { value: shorten(member, budget, depth + 1), enumerable: true });
    }
  }
  budget.left -= 1;
  return copy;
}
