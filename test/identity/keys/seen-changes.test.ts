import { expect, it } from "vitest";
import { type KeyPart, SeenChanges } from "../../../src/identity/keys/seen-changes.ts";

const key = (id: string): KeyPart => ({ kind: "api_key", id });

it("before it has begun nothing is new enough", () => {
  const seen = new SeenChanges();
  seen.note([key("a")], 3);
  expect(seen.newestOf([key("b")])).toBe(Number.POSITIVE_INFINITY);
});

it("the newest change of any part counts, and one of the same id and another kind does not", () => {
  const seen = new SeenChanges();
  seen.begin(2);
  seen.note([key("a"), { kind: "user", id: "b" }], 5);
  seen.note([key("a")], 7);
  expect(seen.newestOf([key("b"), { kind: "tenant", id: "b" }])).toBe(2);
  expect(seen.newestOf([{ kind: "user", id: "b" }])).toBe(5);
  expect(seen.newestOf([key("b"), { kind: "user", id: "b" }, key("a")])).toBe(7);
});

it("what is not known may all have changed, also where there is more than is remembered", () => {
  const seen = new SeenChanges(2);
  seen.begin(0);
  seen.note("unknown", 4);
  expect(seen.newestOf([key("a")])).toBe(4);
  seen.note([key("a"), key("b")], 5);
  expect(seen.newestOf([key("c")])).toBe(4);
  seen.note([key("c")], 6);
  expect(seen.newestOf([key("z")])).toBe(6);
  // A change that is learned of late does not make what is known older.
  const late = new SeenChanges();
  late.begin(0);
  late.note([key("a")], 8);
  late.note([key("a")], 3);
  expect(late.newestOf([key("a")])).toBe(8);
  late.note("unknown", 5);
  expect(late.newestOf([key("z")])).toBe(8);
  // What became known before the beginning counts.
  const early = new SeenChanges();
  early.note("unknown", 9);
  early.begin(1);
  expect(early.newestOf([key("a")])).toBe(9);
});
