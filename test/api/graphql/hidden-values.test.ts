// What GraphQL finds wrong is told without the passwords and secrets that stand beside it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hiddenValues } from "../../../src/api/graphql/hidden-values.ts";
import { GraphQLError } from "graphql";
import { type ServedDirectory, serveDirectory } from "./directory/serve-directory.ts";

let served: ServedDirectory;
beforeAll(async () => {
  served = await serveDirectory();
});
afterAll(() => served.close());

const secrets = ["correct horse battery staple", "hunter2", "p$a.s+", "4711"];

/** Each with a place for a secret, in a document or variables that do not fit. */
const documents: readonly (readonly [string, (secret: string) => { query: string; variables?: object }])[] = [
  [
    "a literal beside a wrong one",
    (s) => ({ query: `mutation { logIn(email: 7, password: ${JSON.stringify(s)}) { x } }` }),
  ],
  [
    "a list",
    (s) => ({ query: `mutation { logIn(email: "a", password: [${JSON.stringify(s)}]) { accessToken } }` }),
  ],
  [
    "a variable of the wrong kind",
    (s) => ({
      query: 'mutation ($p: String!) { logIn(email: "a", password: $p) { accessToken } }',
      variables: { p: [s] },
    }),
  ],
  [
    "a number",
    (s) => ({
      query: 'mutation ($p: String!) { logIn(email: "a", password: $p) { accessToken } }',
      variables: { p: { it: Number.isNaN(Number(s)) ? s : Number(s) } },
    }),
  ],
  [
    "changePassword",
    (s) => ({
      query: "mutation ($c: String!, $n: String!) { changePassword(current: $c, next: $n) { __typename } }",
      variables: { c: { s }, n: "next" },
    }),
  ],
  [
    "refreshSession",
    (s) => ({
      query: "mutation ($t: String!) { refreshSession(refreshToken: $t) { accessToken } }",
      variables: { t: { s } },
    }),
  ],
  [
    "createUser",
    (s) => ({
      query: "mutation ($i: CreateUserInput!) { createUser(input: $i) { __typename } }",
      variables: { i: { email: "a@b.test", password: s, rol: "ADMIN" } },
    }),
  ],
  [
    "updateUser",
    (s) => ({
      query: `mutation { updateUser(id: "u", version: 1, input: { pasword: ${JSON.stringify(s)} }) { __typename } }`,
    }),
  ],
  [
    "setSsoConfig",
    (s) => ({
      query: "mutation ($i: SsoConfigInput!) { setSsoConfig(input: $i) { __typename } }",
      variables: { i: { clientSecret: [s] } },
    }),
  ],
  [
    "importApiKeys",
    (s) => ({
      query: "mutation ($i: ImportApiKeysInput!) { importApiKeys(input: $i) { __typename } }",
      variables: { i: { keys: [{ name: "A", prefix: "sk-abc", bcryptHash: [s] }] } },
    }),
  ],
];

describe.each(documents)("%s", (_, documentWith) => {
  test.each(secrets)("with %j", async (secret) => {
    const { query, variables } = documentWith(secret);
    const { errors } = await served.result(query, variables);
    expect(errors?.length).toBeGreaterThan(0);
    for (const { message } of errors ?? []) expect(message).not.toContain(secret);
  });
});

test("an unquoted password is hidden too", async () => {
  const { errors } = await served.result(
    'mutation { logIn(email: "a@acme.test", password: hunter2) { accessToken } }',
  );
  expect(errors?.[0]?.message).toMatch(/^String cannot represent a non string value/);
  expect(JSON.stringify(errors)).not.toContain("hunter2");
});

test("short values are hidden only where they stand by themselves", () => {
  const hidden = hiddenValues({
    query: 'mutation { logIn(email: "a", password: "x") { accessToken } }',
  });
  const told = hidden.inError(new GraphQLError('Expected a value, found "x" for example: x'));
  expect(told.message).toBe('Expected … value, found "…" for example: …');
});

test("many short values are not looked for one by one", () => {
  const variables = { p: Array.from({ length: 101 }, (_, i) => `v${i}`) };
  const hidden = hiddenValues({ query: "mutation { logIn }", variables });
  const told = hidden.inError(new GraphQLError("found v7"));
  expect(told.message).toBe("A value does not fit. There are too many of them to say which.");
});

test("where no secret is taken, values are told", async () => {
  const { errors } = await served.result('{ requests(filter: { status: "hunter2" }) { hasMore } }');
  expect(errors?.[0]?.message).toContain("hunter2");
});
