// What was used, by whom and at what price.

import type { RequestStatus } from "../../../core/usage/ledger.ts";
import { countsAttempts, filtersAttempts } from "../../../core/usage/counts-attempts.ts";
import type {
  UsageDimension,
  UsageFilter as UsageFilterShape,
  UsageGroup as Group,
  UsageInterval,
  UsageQuestion,
  UsageReport as Report,
} from "../../../core/usage/usage-report.ts";
import { builder } from "../builder.ts";
import { EnvironmentEnum, RequestStatusEnum } from "./request-record.ts";
import { UsageFigures } from "./usage-figures.ts";

const UsageDimensionEnum = builder.enumType("UsageDimension", {
  description: "What calls may be grouped by.",
  values: {
    TENANT: { value: "tenant" },
    API_KEY: { value: "apiKey", description: "The id of the caller's key." },
    USER: { value: "user" },
    PROVIDER: { value: "provider", description: "Groups attempts by the provider that was asked." },
    MODEL: { value: "model", description: "Groups attempts by the model that was asked." },
    ROUTE: { value: "route" },
    USE_CASE: { value: "useCase" },
    STATUS: { value: "status" },
    ENVIRONMENT: { value: "environment" },
  } satisfies Record<string, { value: UsageDimension; description?: string }>,
});

const UsageIntervalEnum = builder.enumType("UsageInterval", {
  description: "How long an interval is, on the clocks and calendars of the time zone.",
  values: {
    QUARTER_HOUR: { value: "quarter_hour" },
    HOUR: { value: "hour" },
    DAY: { value: "day" },
    WEEK: { value: "week", description: "From Monday." },
    MONTH: { value: "month" },
  } satisfies Record<Uppercase<UsageInterval>, { value: UsageInterval; description?: string }>,
});

const UsageFilter = builder.inputType("UsageFilter", {
  description: "All that is given has to hold; each list names the values that count.",
  fields: (t) => ({
    tenants: t.stringList({ description: "Of those that the caller may read." }),
    apiKeys: t.stringList(),
    users: t.stringList(),
    providers: t.stringList({ description: "Only the attempts there count." }),
    models: t.stringList({ description: "Only the attempts there count." }),
    routes: t.stringList(),
    useCases: t.stringList(),
    statuses: t.field({ type: [RequestStatusEnum] }),
    environments: t.field({ type: [EnvironmentEnum] }),
  }),
});

interface CountedGroup {
  readonly group: Group;
  readonly ofAttempts: boolean;
}

const statuses = [
  "open",
  "ok",
  "failed",
  "cancelled",
  "refused",
  "interrupted",
] as const satisfies readonly RequestStatus[];
const environments = ["live", "test"] as const;

const UsageGroup = builder.objectRef<CountedGroup>("UsageGroup").implement({
  description:
    "What calls of one interval have in common. A value is null where it was not grouped by, or is not known.",
  fields(t) {
    const value = (dimension: UsageDimension) =>
      t.string({ nullable: true, resolve: ({ group }) => group.key[dimension] });
    return {
      from: t.field({ type: "DateTime", resolve: ({ group }) => group.fromMs }),
      to: t.field({
        type: "DateTime",
        description: "Itself left out.",
        resolve: ({ group }) => group.toMs,
      }),
      tenant: value("tenant"),
      apiKey: value("apiKey"),
      user: value("user"),
      provider: value("provider"),
      model: value("model"),
      route: value("route"),
      useCase: value("useCase"),
      status: t.field({
        type: RequestStatusEnum,
        nullable: true,
        resolve: ({ group }) => statuses.find((status) => status === group.key.status),
      }),
      environment: t.field({
        type: EnvironmentEnum,
        nullable: true,
        resolve: ({ group }) => environments.find((environment) => environment === group.key.environment),
      }),
      figures: t.field({
        type: UsageFigures,
        resolve: ({ group, ofAttempts }) => ({ figures: group.figures, ofAttempts }),
      }),
    };
  },
});

interface Answered {
  readonly question: UsageQuestion;
  readonly report: Report;
}

const UsageReport = builder.objectRef<Answered>("UsageReport").implement({
  description: "What was used from one time to another.",
  fields: (t) => ({
    from: t.field({ type: "DateTime", resolve: ({ question }) => question.fromMs }),
    to: t.field({ type: "DateTime", resolve: ({ question }) => question.toMs }),
    interval: t.field({
      type: UsageIntervalEnum,
      nullable: true,
      resolve: ({ question }) => question.interval,
    }),
    timeZone: t.string({ resolve: ({ question }) => question.timeZone }),
    totals: t.field({
      type: UsageFigures,
      description: "All calls; all attempts there, where the filter names providers or models.",
      resolve: ({ question, report }) => ({
        figures: report.totals,
        ofAttempts: filtersAttempts(question.filter),
      }),
    }),
    groups: t.field({
      type: [UsageGroup],
      description: "By interval, then calls, most first, then values. Groups without a call are left out.",
      resolve({ question, report }) {
        const ofAttempts = countsAttempts(question);
        return report.groups.map((group) => ({ group, ofAttempts }));
      },
    }),
    warnings: t.stringList({
      description: "What to know of these figures, as models without a price.",
      resolve: ({ report }) => report.warnings,
    }),
  }),
});

const filterOf = (filter: typeof UsageFilter.$inferInput): UsageFilterShape => ({
  tenants: filter.tenants ?? undefined,
  apiKeys: filter.apiKeys ?? undefined,
  users: filter.users ?? undefined,
  providers: filter.providers ?? undefined,
  models: filter.models ?? undefined,
  routes: filter.routes ?? undefined,
  useCases: filter.useCases ?? undefined,
  statuses: filter.statuses ?? undefined,
  environments: filter.environments ?? undefined,
});

builder.queryField("usage", (t) =>
  t.field({
    type: UsageReport,
    authScopes: { permission: "usage:view" },
    description:
      "What calls of the caller's tenant, without a key those of all, have used, in groups and intervals.",
    args: {
      from: t.arg({ type: "DateTime", required: true }),
      to: t.arg({ type: "DateTime", required: true, description: "Itself left out." }),
      groupBy: t.arg({ type: [UsageDimensionEnum], defaultValue: [] }),
      interval: t.arg({ type: UsageIntervalEnum, description: "One from beginning to end if absent." }),
      timeZone: t.arg.string({
        defaultValue: "UTC",
        description: "IANA name, as Europe/Berlin: where hours, days, weeks and months begin.",
      }),
      filter: t.arg({ type: UsageFilter }),
    },
    async resolve(_, args, { gateway, caller }) {
      const question: UsageQuestion = {
        fromMs: args.from,
        toMs: args.to,
        groupBy: args.groupBy ?? [],
        interval: args.interval ?? undefined,
        timeZone: args.timeZone ?? "UTC",
        filter: filterOf(args.filter ?? {}),
      };
      return { question, report: await gateway.records.usage(caller.principal, question) };
    },
  }),
);
