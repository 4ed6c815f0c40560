// Lists page by page, forward, as Relay's connections (GraphQL Cursor Connections Specification).

import { invalidRequest } from "../../../core/errors.ts";
import type { Page } from "../../../core/directory/directory-store.ts";
import { renamed } from "../field-faults.ts";
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

interface PageAsked {
  readonly first: number;
  readonly after: string | undefined;
}

interface Entry {
  readonly id: string;
}

/** Of filters: what the ports have other words for. */
const argumentNames = {
  tenantId: "filter.tenant",
  userId: "filter.user",
  actorId: "filter.actor",
  targetId: "filter.target",
  fromMs: "filter.from",
  toMs: "filter.to",
  search: "filter.search",
  kind: "filter.kind",
  action: "filter.action",
} as const;

/**
 * A port's page as the schema's connections have it. `list` names it: its cursors are of no use in another.
 * @throws GatewayError `invalid_request` in the words of the arguments
 */
export async function toConnection<E extends Entry>(
  list: string,
  args: PageArgs,
  ask: (page: PageAsked) => Promise<Page<E>>,
) {
  const asked = toPage(list, args);
  const { entries, hasMore } = await ask(asked).catch((error: unknown) => {
    throw renamed(error, argumentNames);
  });
  const edges = entries.map((node) => ({ cursor: cursorOf(list, node.id), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: hasMore,
      hasPreviousPage: asked.after !== undefined,
      startCursor: edges.at(0)?.cursor,
      endCursor: edges.at(-1)?.cursor,
    },
  };
}

function toPage(list: string, { first, after }: PageArgs): PageAsked {
  const count = first ?? usualPage;
  if (count < 1 || count > maxPage) throw invalidRequest("first", `must be 1 to ${maxPage}, not ${count}`);
  return { first: count, after: after === null || after === undefined ? undefined : idOf(list, after) };
}

const cursorOf = (list: string, id: string): string => Buffer.from(`${list}:${id}`).toString("base64url");

function idOf(list: string, cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString();
  const id = text.slice(list.length + 1);
  // Read back as it was written, or it is none of ours.
  if (id !== "" && cursorOf(list, id) === cursor) return id;
  throw invalidRequest("after", "is no cursor of this list. Give the `endCursor` of the page before.");
}
