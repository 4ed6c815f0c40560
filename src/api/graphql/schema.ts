// The schema, put together: importing a type's file adds it, and its queries, to the builder.

import { lexicographicSortSchema, printSchema } from "graphql";
import { builder } from "./builder.ts";
import "./schema/model.ts";
import "./schema/provider.ts";
import "./schema/route.ts";
import "./schema/provider-changes.ts";
import "./schema/route-changes.ts";
import "./schema/reseal-secrets.ts";
import "./schema/chat-event.ts";
import "./schema/chat-subscriptions.ts";
import "./schema/chat-reply.ts";
import "./schema/embed-reply.ts";
import "./schema/request-record.ts";
import "./schema/request-page.ts";
import "./schema/usage-report.ts";
import "./schema/role.ts";
import "./schema/me.ts";
import "./schema/tenant.ts";
import "./schema/tenant-changes.ts";
import "./schema/user.ts";
import "./schema/user-changes.ts";
import "./schema/api-key.ts";
import "./schema/api-key-changes.ts";
import "./schema/sso-config.ts";
import "./schema/session.ts";
import "./schema/audit.ts";
import "./schema/metrics.ts";
import "./schema/semantic-cache-report.ts";

export const schema = builder.toSchema();

/** The schema in GraphQL's own language, as generated/schema.graphql keeps it. */
export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(schema))}\n`;
