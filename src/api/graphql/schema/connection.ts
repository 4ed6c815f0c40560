// Lists page by page, forward, as Relay's connections (GraphQL Cursor Connections Specification).

import { invalidRequest } from "../../../core/errors.ts";
import type { Page } from "../../../core/directory/directory-store.ts";
import type { Arguments } from "./field-builders.ts";

const maxPage = 200;
const usualPage = 20;

export const pageArgs = (arg: Arguments) => ({
  first: arg.int({ defaultValue: usualPage, description: `1 to ${maxPage}.` }),
  after: arg.string({ description: "The `endCursor` of the page before." }),
});

interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** What the ports take for a page. @throws GatewayError `invalid_request` */
export function toPageQuery(list: string, { first, after }: PageArgs): PageAsked {
  const count = first ?? usualPage;
  if (count < 1 || count > maxPage) throw invalidRequest("first", `must be 1 to ${maxPage}, not ${count}`);
  return { first: count, after: after === null || after === undefined ? undefined : idOf(list, after) };
}

interface PageAsked {
  readonly first: number;
  readonly after: string | undefined;
}

interface Entry {
  readonly id: string;
}

/** A page as the schema's connections have it. `list` names it: its cursors are of no use in another. */
export function toConnection<E extends Entry>(list: string, { after }: PageAsked, page: Page<E>) {
  const edges = page.entries.map((node) => ({ cursor: cursorOf(list, node.id), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasMore,
      hasPreviousPage: after !== undefined,
      startCursor: edges.at(0)?.cursor,
      endCursor: edges.at(-1)?.cursor,
    },
  };
}

const cursorOf = (list: string, id: string): string => Buffer.from(`${list}:${id}`).toString("base64url");

function idOf(list: string, cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString();
  const id = text.slice(list.length + 1);
  // Read back as it was written, or it is none of ours.
  if (id !== "" && cursorOf(list, id) === cursor) return id;
  throw invalidRequest("after", "is no cursor of this list. Give the `endCursor` of the page before.");
}
