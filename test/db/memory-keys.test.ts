// The keys that tests of the core use keep what every database does.

import { describe } from "vitest";
import { createMemoryKeptKeys } from "../support/memory-keys.ts";
import { idempotencyKeysAreKept } from "./idempotency-contract.ts";

describe("idempotency keys in a test's memory", () => {
  const database = { idempotency: createMemoryKeptKeys() };
  idempotencyKeysAreKept(() => database);
});
