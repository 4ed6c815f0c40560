// Keeps a body from costing more than what will be kept of it: one that is too long is shortened before its JSON
// text is made.

const maxDepth = 100;

/**
 * The body itself if it is small enough, else a copy whose JSON text is the same up to `maxBytes` and ends
 * soon after. For plain values, as JSON has them.
 */
export const boundBody = (body: object, maxBytes: number): unknown =>
  leftAfter(body, maxBytes, 0) >= 0 ? body : shorten(body, { left: maxBytes + 1 }, 0);

/** What is left of so many bytes, no less than the value's JSON text leaves; below 0: it is too long or too deep. */
function leftAfter(value: unknown, bytes: number, depth: number): number {
  if (typeof value === "string") return bytes - value.length - 2;
  if (value === undefined) return bytes;
  if (typeof value !== "object" || value === null) return bytes - 1;
  if (depth === maxDepth) return -1;
  let left = bytes - 2;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i += 1) left = leftAfter(value[i], left, depth + 1);
  } else if (isRecord(value)) {
    // Not by a list of the keys: one would be made for each object of each call.
    for (const key in value) {
      const member = value[key];
      if (member === undefined) continue;
      left = leftAfter(member, left - key.length - 3, depth + 1);
      if (left < 0) break;
    }
  }
  return left;
}

const isRecord = (value: object): value is Readonly<Record<string, unknown>> => !Array.isArray(value);

function shorten(value: unknown, budget: { left: number }, depth: number): unknown {
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
