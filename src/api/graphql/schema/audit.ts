// The audit trail: who did what, when and from where.

import type {
  AuditActor as Actor,
  AuditEntry as Entry,
  AuditKind,
  AuditVerification as Verification,
} from "../../../core/directory/audit.ts";
import { builder } from "../builder.ts";
import { pageArgs, toConnection } from "./connection.ts";

const AuditKindEnum = builder.enumType("AuditKind", {
  description: "What kind of thing happened.",
  values: {
    CHANGE: { value: "change", description: "Something that the gateway keeps was changed." },
    LOG_IN: { value: "log_in", description: "Somebody logged in, or out." },
    REFUSED_CREDENTIAL: { value: "refused_credential", description: "A credential was not let in." },
    DECISION: { value: "decision", description: "A policy said no." },
  } satisfies Record<Uppercase<AuditKind>, { value: AuditKind; description: string }>,
});

const AuditActorType = builder.enumType("AuditActorType", {
  description: "What kind of caller did it.",
  values: {
    USER: { value: "user", description: "Somebody who had logged in." },
    API_KEY: { value: "api_key", description: "A program with a key." },
    KEYLESS: { value: "keyless", description: "Served without a credential." },
    SYSTEM: { value: "system", description: "The gateway itself, or its set-up." },
    UNKNOWN: { value: "unknown", description: "Whoever showed a credential that was refused." },
  } satisfies Record<Uppercase<Actor["type"]>, { value: Actor["type"]; description: string }>,
});

const AuditActor = builder.objectRef<Actor>("AuditActor").implement({
  description: "Who did it.",
  fields: (t) => ({
    type: t.expose("type", { type: AuditActorType, description: "What kind of caller it was." }),
    id: t.exposeID("id", { nullable: true, description: "A user's or a key's. Null: it has none." }),
  }),
});

const AuditTarget = builder.objectRef<NonNullable<Entry["target"]>>("AuditTarget").implement({
  description: "What it was done to.",
  fields: (t) => ({
    type: t.exposeString("type", { description: "As `api_key`." }),
    id: t.exposeID("id", { description: "Which one." }),
  }),
});

const AuditOrigin = builder.objectRef<Entry["origin"]>("AuditOrigin").implement({
  description: "Where it came from.",
  fields: (t) => ({
    address: t.exposeString("address", { nullable: true, description: "As far as it is believed." }),
    correlationId: t.exposeString("correlationId", {
      nullable: true,
      description: "The caller's `x-request-id`, as sent.",
    }),
  }),
});

const AuditEntry = builder.objectRef<Entry>("AuditEntry").implement({
  description: "One thing that was done. It is never changed, and never removed.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "Later ones have greater ids." }),
    at: t.expose("atMs", { type: "DateTime", description: "When it was done." }),
    tenantId: t.exposeID("tenantId", {
      description: "Whose trail it is in; `platform` for what is no tenant's.",
    }),
    sequence: t.exposeInt("sequence", { description: "From 1, without a gap in its trail." }),
    kind: t.expose("kind", { type: AuditKindEnum, description: "What kind of thing it was." }),
    action: t.exposeString("action", { description: "As `api_key.create`." }),
    actor: t.expose("actor", { type: AuditActor, description: "Who did it." }),
    target: t.expose("target", { type: AuditTarget, nullable: true, description: "What it was done to." }),
    before: t.expose("before", {
      type: "JSON",
      nullable: true,
      description: "What it was, without secrets. Null: there was none.",
    }),
    after: t.expose("after", {
      type: "JSON",
      nullable: true,
      description: "What it has become, without secrets. Null: there is none.",
    }),
    origin: t.expose("origin", { type: AuditOrigin, description: "Where it came from." }),
    count: t.exposeInt("count", { description: "How often, where many of a kind make one entry." }),
    hash: t.exposeString("hash", {
      description: "HMAC-SHA-256 over the entry and the hash before it, in hexadecimal.",
    }),
  }),
});

const AuditVerification = builder.objectRef<Verification>("AuditVerification").implement({
  description: "Whether a trail is as it was written.",
  fields: (t) => ({
    tenantId: t.exposeID("tenantId", { description: "Whose trail; `platform` for what is no tenant's." }),
    entries: t.exposeInt("entries", { description: "How many were read." }),
    intact: t.exposeBoolean("intact", {
      nullable: true,
      description:
        "True: all of it is as it was written. False: `problem` tells what was changed, removed or put elsewhere. Null: nothing of that is found, but not all could be checked: `unchecked`.",
    }),
    problem: t.exposeString("problem", {
      nullable: true,
      description: "The first entry at fault. Null: none was found.",
    }),
    unchecked: t.exposeString("unchecked", {
      nullable: true,
      description:
        "What could not be checked, as it was written under a secret that the gateway does not have. Null: nothing.",
    }),
  }),
});

const AuditConnection = builder.connectionObject(
  { type: AuditEntry, name: "AuditConnection", description: "A page of the audit trail, newest first." },
  { name: "AuditEdge", description: "An entry in its list.", nodeField: { description: "The entry." } },
);

const AuditFilter = builder.inputType("AuditFilter", {
  description: "All that is given has to hold.",
  fields: (t) => ({
    tenant: t.id({ description: "Whose trail; `platform` for what is no tenant's." }),
    kind: t.field({ type: AuditKindEnum, description: "Of that kind alone." }),
    action: t.string({ description: "As `api_key.create`." }),
    actor: t.id({ description: "Who did it: a user's or a key's id." }),
    target: t.id({ description: "What it was done to: its id." }),
    from: t.field({
      type: "DateTime",
      description:
        "The earliest time that it was written at. It may tell of what was a minute before, or longer.",
    }),
    to: t.field({
      type: "DateTime",
      description: "The end of the time that it was written in, itself left out.",
    }),
  }),
});

const toFilter = (filter: typeof AuditFilter.$inferInput) => ({
  tenantId: filter.tenant ?? undefined,
  kind: filter.kind ?? undefined,
  action: filter.action ?? undefined,
  actorId: filter.actor ?? undefined,
  targetId: filter.target ?? undefined,
  fromMs: filter.from ?? undefined,
  toMs: filter.to ?? undefined,
});

builder.queryField("auditLog", (t) =>
  t.field({
    type: AuditConnection,
    authScopes: { permission: "audit:view" },
    description: "Who did what: the caller's tenant's trail, or all for who acts for all; newest first.",
    args: { ...pageArgs(t.arg), filter: t.arg({ type: AuditFilter }) },
    resolve: (_, { filter, ...args }, { gateway, caller }) =>
      toConnection("audit", args, (page) =>
        gateway.administration.auditLog(caller.principal, { ...page, ...toFilter(filter ?? {}) }),
      ),
  }),
);

builder.queryField("verifyAudit", (t) =>
  t.field({
    type: AuditVerification,
    authScopes: { permission: "audit:view" },
    description:
      "Reads a whole trail and tells whether anything in it was changed, removed or put elsewhere.",
    args: {
      tenant: t.arg.id({
        description: "Whose; `platform` for what is no tenant's. Absent: the caller's own.",
      }),
    },
    resolve: (_, { tenant }, { gateway, caller }) =>
      gateway.administration.verifyAudit(caller.principal, tenant ?? undefined),
  }),
);
