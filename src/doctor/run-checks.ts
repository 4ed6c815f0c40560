import { untilAborted } from "../core/until-aborted.ts";
import type { Check, Finding } from "./finding.ts";

/** All at the same time, each bounded; the findings come in the checks' order. Never rejects. */
export async function runChecks(checks: readonly Check[], timeoutMs: number): Promise<readonly Finding[]> {
  const found = await Promise.all(checks.map((check) => look(check, timeoutMs)));
  return found.flat();
}

async function look(check: Check, timeoutMs: number): Promise<readonly Finding[]> {
  const { subject } = check;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await untilAborted(check.look(signal), signal);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const text = signal.aborted ? `Gave no answer within ${timeoutMs / 1_000} s.` : said;
    return [{ verdict: "fail", subject, text }];
  }
}
