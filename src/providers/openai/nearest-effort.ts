import type { ReasoningEffort } from "../../core/chat/request.ts";

/** From the least to the greatest. */
export const effortNames: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh"];

/** Of those taken the nearest to the one wanted, of two the greater; who asks for reasoning is never sent `none`. */
export function nearestEffort(
  wanted: ReasoningEffort,
  taken: readonly ReasoningEffort[],
): ReasoningEffort | undefined {
  if (taken.includes(wanted)) return wanted;
  const at = effortNames.indexOf(wanted);
  let nearest: ReasoningEffort | undefined;
  let distance = Infinity;
  for (const [place, effort] of effortNames.entries()) {
    if (effort === "none" || !taken.includes(effort) || Math.abs(place - at) > distance) continue;
    distance = Math.abs(place - at);
    nearest = effort;
  }
  return nearest;
}
