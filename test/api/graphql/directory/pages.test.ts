// Lists page by page, and what is loaded of them at once.

import { afterEach, describe, expect, test } from "vitest";
import type { Page } from "../../../../src/core/directory/directory-store.ts";
import { GatewayError, invalidFields, invalidRequest } from "../../../../src/core/errors.ts";
import { sampleAuditEntry, sampleKey, sampleTenant, sampleUser } from "./sample-entries.ts";
import { type ServedDirectory, serveDirectory } from "./serve-directory.ts";

let served: ServedDirectory | undefined;
afterEach(() => served?.close());

/** All of `entries`, as the port pages them. */
const paging =
  <T extends { readonly id: string }>(entries: readonly T[]) =>
  (_: unknown, { first, after }: { readonly first: number; readonly after?: string | undefined }) => {
    const begin = after === undefined ? 0 : entries.findIndex(({ id }) => id === after) + 1;
    const page: Page<T> = {
      entries: entries.slice(begin, begin + first),
      hasMore: begin + first < entries.length,
    };
    return Promise.resolve(page);
  };

const ids = (count: number) => Array.from({ length: count }, (_, i) => `id-${i}`);

const lists = {
  tenants: { tenants: paging(ids(5).map(sampleTenant)) },
  users: { users: paging(ids(5).map((id) => sampleUser(id))) },
  apiKeys: { apiKeys: paging(ids(5).map((id) => sampleKey(id))) },
  auditLog: { auditLog: paging(ids(5).map(sampleAuditEntry)) },
};

interface WireConnection {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const fields =
  "{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";

async function pageOf(list: string, args: string): Promise<WireConnection> {
  const data = await served?.ask(`{ page: ${list}${args} ${fields} }`);
  return Object(data)["page"];
}

describe.each(Object.entries(lists))("%s", (list, administration) => {
  test("are read to the end by the cursors that pages give", async () => {
    served = await serveDirectory({ administration });
    const first = await pageOf(list, "(first: 2)");
    expect(first.edges.map(({ node }) => node.id)).toEqual(["id-0", "id-1"]);
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0]?.cursor,
      endCursor: first.edges[1]?.cursor,
    });
    const second = await pageOf(list, `(first: 2, after: "${first.pageInfo.endCursor}")`);
    expect(second.edges.map(({ node }) => node.id)).toEqual(["id-2", "id-3"]);
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const last = await pageOf(list, `(first: 2, after: "${second.pageInfo.endCursor}")`);
    expect(last.edges.map(({ node }) => node.id)).toEqual(["id-4"]);
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const none = await pageOf(list, `(after: "${last.pageInfo.endCursor}")`);
    expect(none).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
    // From the middle of a page too.
    const inside = await pageOf(list, `(first: 1, after: "${first.edges[0]?.cursor}")`);
    expect(inside.edges.map(({ node }) => node.id)).toEqual(["id-1"]);
  });

  test.each([0, -1, 201, 2 ** 31 - 1])("refuses %i as `first`", async (first) => {
    served = await serveDirectory({ administration });
    const { errors } = await served.result(`{ ${list}(first: ${first}) { edges { cursor } } }`);
    expect(errors).toMatchObject([
      {
        message: `first: must be 1 to 200, not ${first}`,
        extensions: { code: "invalid_request", field: "first" },
      },
    ]);
    expect(served.noted).toEqual([]);
  });

  test("refuses cursors that it has not given", async () => {
    served = await serveDirectory({ administration });
    const other = list === "users" ? "tenants" : "users";
    const { edges } = await pageOf(other, "");
    for (const after of ["", "id-0", "!", Buffer.from("id-0").toString("base64url"), `${edges[0]?.cursor}`]) {
      served.noted.splice(0);
      const query = `query ($after: String) { ${list}(after: $after) { edges { cursor } } }`;
      const { errors } = await served.result(query, { after });
      expect(errors, after).toMatchObject([{ extensions: { code: "invalid_request", field: "after" } }]);
      expect(served.noted).toEqual([]);
    }
  });
});

test("what a port finds wrong with a filter is told in the words of the arguments", async () => {
  const faults = [
    { field: "actorId", message: "is too long" },
    { field: "toMs", message: "is before its beginning" },
    { field: "after", message: "is no id" },
  ];
  served = await serveDirectory({
    administration: {
      auditLog: () => Promise.reject(invalidFields(faults)),
      users: () => Promise.reject(invalidRequest("search", "is too long")),
      tenants: () => Promise.reject(new GatewayError({ code: "unavailable", message: "Not now." })),
    },
  });
  const audit = await served.result("{ auditLog { edges { cursor } } }");
  expect(audit.errors).toMatchObject([
    {
      message: "filter.actor: is too long; filter.to: is before its beginning; after: is no id",
      extensions: { code: "invalid_request", field: "filter.actor" },
    },
  ]);
  const users = await served.result("{ users { edges { cursor } } }");
  expect(users.errors).toMatchObject([
    { message: "filter.search: is too long", extensions: { field: "filter.search" } },
  ]);
  const tenants = await served.result("{ tenants { edges { cursor } } }");
  expect(tenants.errors).toMatchObject([{ message: "Not now.", extensions: { code: "unavailable" } }]);
});

describe("of fifty keys", () => {
  const keys = ids(50).map((id, i) => sampleKey(id, { tenantId: `t-${i % 5}`, userId: `u-${i}` }));
  const everything = `tenant { name currentSpend } user { email tenant { name } }
    currentSpend budgetRemaining budgetResetsAt`;

  test("tenants, users and budgets are loaded in one call each", async () => {
    served = await serveDirectory({ administration: { apiKeys: paging(keys) } });
    const data = await served.ask(`{ apiKeys(first: 50) { edges { node { id ${everything} } } } }`);
    const calls = Object.groupBy(served.noted, ([name]) => name);
    expect(Object.keys(calls)).toEqual(["apiKeys", "tenantsById", "usersById", "of"]);
    expect(calls["tenantsById"]?.[0]?.[2]).toEqual(ids(5).map((_, i) => `t-${i}`));
    expect(calls["usersById"]?.map((call) => call[2])).toEqual([ids(50).map((_, i) => `u-${i}`)]);
    const [ofKeys, ...later] = calls["of"] ?? [];
    expect(ofKeys?.[2]).toEqual(
      keys.map(({ id, tenantId, budget }) => ({ tenantId, scope: "api_key", id, budget })),
    );
    // The tenants' own budgets, and the tenant of the users, are asked for one step later.
    expect(later).toHaveLength(1);
    expect(later[0]?.[2]).toHaveLength(5);
    expect(calls["tenantsById"]?.slice(1).map((call) => call[2])).toEqual([["acme"]]);
    const [first] = Object(data)["apiKeys"].edges;
    expect(first.node).toMatchObject({
      tenant: { name: "Tenant t-0", currentSpend: "12" },
      user: { email: "u-0@acme.test", tenant: { name: "Tenant acme" } },
      currentSpend: "12",
    });
  });

  test("no more than a page is loaded at once", async () => {
    const many = ids(400).map((id) => sampleKey(id, { userId: `u-${id}` }));
    served = await serveDirectory({ administration: { apiKeys: paging(many) } });
    const { endCursor } = (await pageOf("apiKeys", "(first: 200)")).pageInfo;
    served.noted.splice(0);
    await served.ask(`{ a: apiKeys(first: 200) { edges { node { user { id } currentSpend } } }
      b: apiKeys(first: 200, after: "${endCursor}") { edges { node { user { id } currentSpend } } } }`);
    const sizes = served.noted.map(([name, , asked]) => `${name} ${Array.isArray(asked) ? asked.length : 0}`);
    expect(sizes.toSorted()).toEqual([
      "apiKeys 0",
      "apiKeys 0",
      "of 200",
      "of 200",
      "usersById 200",
      "usersById 200",
    ]);
  });

  test("what a mutation has changed is told anew by the next", async () => {
    let name = "before";
    served = await serveDirectory({
      administration: {
        tenantsById: (_, asked) => Promise.resolve(asked.map((id) => ({ ...sampleTenant(id), name }))),
        updateTenant(_, id, input) {
          name = input.name ?? name;
          return Promise.resolve({ ...sampleTenant(id), name });
        },
      },
    });
    const data = await served.ask(`mutation {
      a: updateApiKey(id: "k", version: 1, input: {}) { ... on ApiKey { tenant { name } } }
      b: updateTenant(id: "acme", version: 1, input: { name: "after" }) { ... on Tenant { name } }
      c: updateApiKey(id: "k", version: 2, input: {}) { ... on ApiKey { tenant { name } } }
    }`);
    expect(data).toEqual({
      a: { tenant: { name: "before" } },
      b: { name: "after" },
      c: { tenant: { name: "after" } },
    });
  });
});
