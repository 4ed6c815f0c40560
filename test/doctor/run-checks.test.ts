import { expect, it } from "vitest";
import type { Check } from "../../src/doctor/finding.ts";
import { runChecks } from "../../src/doctor/run-checks.ts";
import { showFindings } from "../../src/doctor/show-findings.ts";

const finds = (subject: string, text: string): Check => ({
  subject,
  look: () => Promise.resolve([{ verdict: "ok", subject, text }]),
});

it("checks run at the same time and are told in their order", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const first: Check = {
    subject: "first",
    async look() {
      await promise;
      return [{ verdict: "ok", subject: "first", text: "came last" }];
    },
  };
  const second: Check = {
    subject: "second",
    look() {
      resolve();
      return Promise.resolve([]);
    },
  };
  const found = await runChecks([first, second, finds("third", "fine")], 10_000);
  expect(found.map(({ subject }) => subject)).toEqual(["first", "third"]);
});

it("one that does not heed its time, and one that breaks, fail alone", async () => {
  const silent: Check = { subject: "silent", look: () => new Promise(() => {}) };
  const broken: Check = { subject: "broken", look: () => Promise.reject(new Error("Its words.")) };
  expect(await runChecks([silent, broken, finds("good", "fine")], 20)).toEqual([
    { verdict: "fail", subject: "silent", text: "Gave no answer within 0.02 s." },
    { verdict: "fail", subject: "broken", text: "Its words." },
    { verdict: "ok", subject: "good", text: "fine" },
  ]);
});

it("findings are lines without secrets and without characters that steer a terminal", () => {
  const shown = showFindings(
    [
      { verdict: "ok", subject: "port", text: "free" },
      {
        verdict: "fail",
        subject: "provider a",
        text: "said \u001b[2J\nno to sk-secret-key, (sk-secret-key)\u0085",
      },
      { verdict: "warn", subject: "b", text: "x".repeat(2_000) },
    ],
    ["sk-secret-key", "x"],
  );
  expect(shown).toBe(
    "ok    port        free\n" +
      "fail  provider a  said  [2J no to [redacted], ([redacted]) \n" +
      `warn  b           ${"x".repeat(500)}\n`,
  );
});
