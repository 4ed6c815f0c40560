// Records of calls, page by page.

import { invalidRequest } from "../../../core/errors.ts";
import type { RequestPage as RequestPageShape } from "../../../core/usage/records.ts";
import { builder } from "../builder.ts";
import { EnvironmentEnum, RequestRecord, RequestStatusEnum } from "./request-record.ts";

const maxPage = 200;

const RequestFilter = builder.inputType("RequestFilter", {
  description: "All that is given has to hold.",
  fields: (t) => ({
    tenant: t.string({ description: "One that the caller may read." }),
    apiKey: t.string({ description: "The id of the caller's key." }),
    user: t.string({ description: "The caller's id." }),
    environment: t.field({ type: EnvironmentEnum }),
    status: t.field({ type: RequestStatusEnum }),
    provider: t.string(),
    model: t.string(),
    route: t.string(),
    useCase: t.string(),
    from: t.field({ type: "DateTime", description: "The earliest time of creation." }),
    to: t.field({ type: "DateTime", description: "The end of the time of creation, itself left out." }),
  }),
});

const RequestPage = builder.objectRef<RequestPageShape>("RequestPage").implement({
  description: "A page of records, newest first.",
  fields: (t) => ({
    nodes: t.expose("records", { type: [RequestRecord] }),
    hasMore: t.exposeBoolean("hasMore"),
    endCursor: t.string({
      nullable: true,
      description: "What `after` takes for the next page; null on an empty page.",
      resolve: ({ records }) => records.at(-1)?.id,
    }),
  }),
});

type FilterFields = typeof RequestFilter.$inferInput;

const toFilter = (filter: FilterFields) => ({
  tenant: filter.tenant ?? undefined,
  apiKeyId: filter.apiKey ?? undefined,
  userId: filter.user ?? undefined,
  environment: filter.environment ?? undefined,
  status: filter.status ?? undefined,
  provider: filter.provider ?? undefined,
  model: filter.model ?? undefined,
  route: filter.route ?? undefined,
  useCase: filter.useCase ?? undefined,
  fromMs: filter.from ?? undefined,
  toMs: filter.to ?? undefined,
});

builder.queryField("requests", (t) =>
  t.field({
    type: RequestPage,
    authScopes: { permission: "requests:view" },
    description: "The records of the caller's tenant, without a key those of all, newest first.",
    args: {
      first: t.arg.int({ defaultValue: 20, description: `1 to ${maxPage}.` }),
      after: t.arg.string({ description: "The `endCursor` of the page before." }),
      filter: t.arg({ type: RequestFilter }),
    },
    resolve(_, args, { gateway, caller }) {
      const first = args.first ?? 20;
      if (first < 1 || first > maxPage)
        throw invalidRequest("first", `must be 1 to ${maxPage}, not ${first}`);
      const after = args.after ?? undefined;
      return gateway.records.requests(caller.principal, {
        first,
        after,
        filter: toFilter(args.filter ?? {}),
      });
    },
  }),
);
