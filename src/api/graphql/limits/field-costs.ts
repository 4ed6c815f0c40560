// What fields cost. One is about a microsecond of the gateway's time, as a plain field takes; what is dearer for
// others (the database, providers, money) has the price that bounds how often one operation may ask for it.

export interface FieldCost {
  /** Of the field itself, once for each object that it stands in. Absent: 1; of a query's own field, `dear`. */
  readonly weight?: number;
  /** How often what is asked of it is counted: how many objects it usually gives. Absent: 1; of a list, 10. */
  readonly items?: number;
  /** What says so, up to the most that the field allows. */
  readonly itemsBy?: ItemsBy;
}

export interface ItemsBy {
  readonly argument: string;
  /** The list in the argument whose length it is. Absent: the argument is the number. */
  readonly list?: string;
  readonly absent: number;
  readonly most: number;
}

export const maxCost = 100_000;

/** Four of these, and little more, make an operation. */
export const dear = 20_000;

export const usualItems = 10;

/** Of one that comes with many others. */
const loaded = 30;

/** A list of the directory, page by page. */
const pages = (type: string, list: string): Readonly<Record<string, FieldCost>> => ({
  [`Query.${list}`]: { weight: 500, itemsBy: { argument: "first", absent: 20, most: 200 } },
  [`${type}Connection.edges`]: { items: 1 },
});

/** One that no call uses is read from the records of its tenant's month: two pages of the longest make an operation. */
const budgets = (type: string): Readonly<Record<string, FieldCost>> => ({
  [`${type}.currentSpend`]: { weight: 80 },
  [`${type}.budgetRemaining`]: { weight: 80 },
  [`${type}.budgetResetsAt`]: { weight: 80 },
});

/** By type and field. Every other field costs what `FieldCost` says of those that tell nothing. */
export const fieldCosts: Readonly<Record<string, FieldCost>> = {
  // A provider is asked, and paid.
  "Mutation.chat": { weight: dear },
  "Mutation.embed": { weight: dear },
  "Subscription.chat": { weight: dear },
  // All that is kept of a stream is sent again.
  "Subscription.resumeChat": { weight: dear },
  // The database is written, everything that is configured is put together anew, and a provider may be asked.
  "Mutation.addProvider": { weight: dear },
  "Mutation.updateProvider": { weight: dear },
  "Mutation.drainProvider": { weight: dear },
  "Mutation.removeProvider": { weight: dear },
  "Mutation.addRoute": { weight: dear },
  "Mutation.updateRoute": { weight: dear },
  "Mutation.drainRoute": { weight: dear },
  "Mutation.removeRoute": { weight: dear },
  "Mutation.resealSecrets": { weight: dear },
  // The database is written, and other gateways are told; passwords take tens of milliseconds.
  "Mutation.createTenant": { weight: dear },
  "Mutation.updateTenant": { weight: dear },
  "Mutation.deleteTenant": { weight: dear },
  "Mutation.createUser": { weight: dear },
  "Mutation.updateUser": { weight: dear },
  "Mutation.deleteUser": { weight: dear },
  "Mutation.changePassword": { weight: dear },
  "Mutation.createApiKey": { weight: dear },
  "Mutation.updateApiKey": { weight: dear },
  "Mutation.rotateApiKey": { weight: dear },
  "Mutation.revokeApiKey": { weight: dear },
  "Mutation.deleteApiKey": { weight: dear },
  "Mutation.importApiKeys": {
    weight: dear,
    itemsBy: { argument: "input", list: "keys", absent: 1, most: 100 },
  },
  "Mutation.setSsoConfig": { weight: dear },
  "Mutation.deleteSsoConfig": { weight: dear },
  "Mutation.logIn": { weight: dear },
  "Mutation.refreshSession": { weight: dear },
  "Mutation.logOut": { weight: dear },
  "Mutation.logOutEverywhere": { weight: dear },
  "EmbedReply.vectors": { items: 100 },
  // Providers' lists of models, which may have to be fetched.
  "Query.models": { weight: dear, items: 100 },
  "Query.providers": { weight: 1 },
  "Query.routes": { weight: 1 },
  // The database.
  "Query.request": { weight: 500 },
  "Query.requests": { weight: 500, itemsBy: { argument: "first", absent: 20, most: 200 } },
  "RequestPage.nodes": { items: 1 },
  ...pages("Tenant", "tenants"),
  ...pages("User", "users"),
  ...pages("ApiKey", "apiKeys"),
  ...pages("Audit", "auditLog"),
  "Query.tenant": { weight: 500 },
  "Query.user": { weight: 500 },
  "Query.apiKey": { weight: 500 },
  "Query.ssoConfig": { weight: 500 },
  // It reads a whole trail.
  "Query.verifyAudit": { weight: dear },
  "ImportedApiKeys.apiKeys": { items: 1 },
  // Loaded for all of a page at once.
  "ApiKey.tenant": { weight: loaded },
  "ApiKey.user": { weight: loaded },
  "User.tenant": { weight: loaded },
  "SsoConfig.tenant": { weight: 500 },
  "Me.tenant": { weight: 500 },
  "Me.user": { weight: 500 },
  "Me.apiKey": { weight: 500 },
  ...budgets("Tenant"),
  ...budgets("User"),
  ...budgets("ApiKey"),
  // Tables in memory.
  "Query.me": { weight: 1 },
  "Query.roles": { weight: 1 },
  "Query.permissions": { weight: 1, items: 30 },
  "RequestRecord.attempts": { items: 3 },
  "RoutingChoice.candidates": { items: 3 },
  "RequestRecord.losses": { items: 3 },
  // Up to 256 KiB each, read one record at a time.
  "RequestRecord.body": { weight: 150 },
  "RequestRecord.reply": { weight: 150 },
  // Introspection, by the size of this schema.
  "__Schema.types": { items: 200 },
  "__Type.fields": { items: 3 },
  "__Type.inputFields": { items: 1 },
  "__Type.enumValues": { items: 1 },
  "__Type.interfaces": { items: 1 },
  "__Type.possibleTypes": { items: 1 },
  "__Field.args": { items: 1 },
  "__Directive.args": { items: 2 },
};
