// What several tables of the directory have: limits, budgets, allowed lists, and when an entry was made and changed.

import type { AllowedLists, Budget, UseLimits } from "../../core/access/grants.ts";
import type { RowFields } from "./row-fields.ts";
import { jsonValue, nanosValue, orNull, type RowValues } from "./tables.ts";

export const limitColumns = ["requests_per_minute", "tokens_per_minute", "concurrent_streams"] as const;

export const limitsOf = (fields: RowFields): UseLimits => ({
  requestsPerMinute: fields.numberIfAny("requests_per_minute"),
  tokensPerMinute: fields.numberIfAny("tokens_per_minute"),
  concurrentStreams: fields.numberIfAny("concurrent_streams"),
});

export const limitValues = (limits: UseLimits): RowValues => ({
  requests_per_minute: orNull(limits.requestsPerMinute),
  tokens_per_minute: orNull(limits.tokensPerMinute),
  concurrent_streams: orNull(limits.concurrentStreams),
});

export const budgetColumns = ["budget_hard_nanos", "budget_soft_nanos"] as const;

export const budgetOf = (fields: RowFields): Budget => ({
  hardNanos: fields.nanosIfAny("budget_hard_nanos"),
  softNanos: fields.nanosIfAny("budget_soft_nanos"),
});

export const budgetValues = (budget: Budget): RowValues => ({
  budget_hard_nanos: nanosValue(budget.hardNanos),
  budget_soft_nanos: nanosValue(budget.softNanos),
});

export const allowedColumns = ["allowed_models", "allowed_providers"] as const;

export const allowedOf = (fields: RowFields): AllowedLists => ({
  allowedModels: fields.textsIfAny("allowed_models"),
  allowedProviders: fields.textsIfAny("allowed_providers"),
});

export const allowedValues = (lists: AllowedLists): RowValues => ({
  allowed_models: jsonValue(lists.allowedModels),
  allowed_providers: jsonValue(lists.allowedProviders),
});

export const entryColumns = ["created_at", "updated_at", "version"] as const;

export const entryOf = (fields: RowFields) => ({
  createdAtMs: fields.number("created_at"),
  updatedAtMs: fields.number("updated_at"),
  version: fields.number("version"),
});
