import { expect, test } from "vitest";
import { failureMessage } from "../../src/providers/failure-message.ts";
import { failureOfRange, failureOfStatus } from "../../src/providers/failure-of-status.ts";

const told = (status: number) => [failureOfStatus(status), failureOfRange(status)];

test("a status that tells its cause has its class; the others only tell whose fault it is", () => {
  expect(told(402)).toEqual(["authentication", "caller_fault"]);
  expect(told(409)).toEqual(["unavailable", "caller_fault"]);
  expect(told(529)).toEqual(["overloaded", "unavailable"]);
  expect(told(400)).toEqual([undefined, "caller_fault"]);
  expect(told(500)).toEqual([undefined, "unavailable"]);
  expect(told(200)).toEqual([undefined, undefined]);
});

test.each([
  [{ status: 500, words: "" }, "Acme answered with status 500."],
  [{ status: 500, words: "Oops" }, "Acme answered with status 500: Oops"],
  [{ status: 429, type: "slow", words: "Wait." }, "Acme answered with status 429 (slow): Wait."],
  [{ status: 200, type: "slow", words: "" }, "Acme sent an error (slow)."],
  [{ words: "Oops" }, "Acme sent an error: Oops"],
])("%o reads as %s", (failed, message) => {
  expect(failureMessage({ vendorName: "Acme", failure: "unavailable", ...failed })).toBe(message);
});

const refused = (words: string, advice?: string) =>
  failureMessage({ vendorName: "Acme", status: 401, words, failure: "authentication", advice });

test("a refused credential comes with advice, in a sentence of its own", () => {
  expect(refused("No key")).toBe(
    "Acme answered with status 401: No key. Check this provider's API key and account.",
  );
  expect(refused("No key!", "Look at the region.")).toBe(
    "Acme answered with status 401: No key! Look at the region.",
  );
  expect(refused("", "Look at the region.")).toBe("Acme answered with status 401. Look at the region.");
});
