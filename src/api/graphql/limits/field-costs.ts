// What fields cost. One is about a microsecond of the gateway's time, as a plain field takes; what is dearer for
// others (the database, providers, money) has the price that bounds how often one operation may ask for it.

export interface FieldCost {
  /** Of the field itself, once for each object that it stands in. Absent: 1; of a query's own field, `dear`. */
  readonly weight?: number;
  /** How often what is asked of it is counted: how many objects it usually gives. Absent: 1; of a list, 10. */
  readonly items?: number;
  /** The argument that says so: its value up to the most that the field allows. */
  readonly itemsBy?: { readonly argument: string; readonly absent: number; readonly most: number };
}

export const maxCost = 100_000;

/** Four of these, and little more, make an operation. */
export const dear = 20_000;

export const usualItems = 10;

/** By type and field. Every other field costs what `FieldCost` says of those that tell nothing. */
export const fieldCosts: Readonly<Record<string, FieldCost>> = {
  // A provider is asked, and paid.
  "Mutation.chat": { weight: dear },
  "Mutation.embed": { weight: dear },
  "Subscription.chat": { weight: dear },
  // The database is written, everything that is configured is put together anew, and a provider may be asked.
  "Mutation.addProvider": { weight: dear },
  "Mutation.updateProvider": { weight: dear },
  "Mutation.drainProvider": { weight: dear },
  "Mutation.removeProvider": { weight: dear },
  "Mutation.addRoute": { weight: dear },
  "Mutation.updateRoute": { weight: dear },
  "Mutation.drainRoute": { weight: dear },
  "Mutation.removeRoute": { weight: dear },
  "EmbedReply.vectors": { items: 100 },
  // Providers' lists of models, which may have to be fetched.
  "Query.models": { weight: dear, items: 100 },
  "Query.providers": { weight: 1 },
  "Query.routes": { weight: 1 },
  // The database.
  "Query.request": { weight: 500 },
  "Query.requests": { weight: 500, itemsBy: { argument: "first", absent: 20, most: 200 } },
  "RequestPage.nodes": { items: 1 },
  "RequestRecord.attempts": { items: 3 },
  "RoutingChoice.candidates": { items: 3 },
  "RequestRecord.losses": { items: 3 },
  // Up to 256 KiB each, read one record at a time.
  "RequestRecord.body": { weight: 150 },
  "RequestRecord.reply": { weight: 150 },
  // Introspection, by the size of this schema.
  "__Schema.types": { items: 100 },
  "__Type.fields": { items: 4 },
  "__Type.inputFields": { items: 2 },
  "__Type.enumValues": { items: 2 },
  "__Type.interfaces": { items: 1 },
  "__Type.possibleTypes": { items: 1 },
  "__Field.args": { items: 1 },
  "__Directive.args": { items: 2 },
};
