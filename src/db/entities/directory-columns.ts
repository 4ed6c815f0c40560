// What several entities of the directory have.

import { p } from "@mikro-orm/core";
import { NanoDollars } from "./nano-dollars.ts";

/** Epoch milliseconds. */
export const dated = { createdAt: p.bigint("number"), updatedAt: p.bigint("number") };

export const limits = {
  requestsPerMinute: p.bigint("number").nullable(),
  tokensPerMinute: p.bigint("number").nullable(),
  concurrentStreams: p.bigint("number").nullable(),
};

export const budget = {
  budgetHardNanos: p.type(NanoDollars).$type<bigint>().nullable(),
  budgetSoftNanos: p.type(NanoDollars).$type<bigint>().nullable(),
};

/** As it was written: PostgreSQL's `jsonb` would sort keys and make numbers anew. */
export const writtenJson = () => p.json().columnType("json");

export const allowed = {
  allowedModels: writtenJson().nullable(),
  allowedProviders: writtenJson().nullable(),
};
