// The rule of each method and path of the HTTP port that is no service's of the contract.

import type { HttpAsked } from "./ask-http.ts";
import type { Cell, Rule } from "./rule.ts";
import { graphqlRules } from "./graphql-rules.ts";

type HttpRule = Rule<Omit<HttpAsked, "method" | "path"> & { readonly path?: string }>;

const messages = [{ role: "user", content: "Hello" }];
const forTenant = ({ at }: Cell) => ({ metadata: { tenant: at.id } });

const openAi = (base: string): Readonly<Record<string, HttpRule>> => ({
  [`POST ${base}/chat/completions`]: {
    needs: "gateway:use",
    elsewhere: "permission_denied",
    ask: (cell) => ({ body: { messages, ...forTenant(cell) } }),
    alsoElsewhere: [
      {
        outcome: "permission_denied",
        ask: (cell) => ({ body: { messages, stream: true, ...forTenant(cell) } }),
      },
    ],
  },
  [`POST ${base}/embeddings`]: {
    needs: "gateway:use",
    elsewhere: "ok",
    ask: () => ({ body: { model: "openai/demo-embed", input: "Hello" } }),
  },
  [`GET ${base}/models`]: { needs: "gateway:use", elsewhere: "ok", ask: () => ({}) },
  [`GET ${base}/models/{id}`]: {
    needs: "gateway:use",
    elsewhere: "ok",
    ask: () => ({ path: `${base}/models/openai/demo-chat` }),
  },
});

/** Nobody is asked who it is. */
const open: HttpRule = { needs: "nothing", elsewhere: "ok", ask: () => ({}) };

/** Callers come from elsewhere, as a proxy tells it. */
const metrics: HttpRule = { needs: "metrics:view", elsewhere: "ok", ask: () => ({}) };

const graphql = (path: string): Readonly<Record<string, HttpRule>> => ({
  [`POST ${path}`]: {
    needs: "credential",
    elsewhere: "ok",
    ask: () => ({ body: { query: "{ me { permissions } }" } }),
  },
  [`GET ${path}`]: { ...open, ask: () => ({ headers: { accept: "text/html" } }) },
});

/** The same as by GraphQL, with the members of a body. */
function likeGraphql(
  name: string,
  toBody: (variables: Readonly<Record<string, unknown>>) => object,
): HttpRule {
  const rule = graphqlRules[name];
  if (rule === undefined) throw new Error(`There is no rule of ${name}.`);
  const { needs, elsewhere, ask } = rule;
  return { needs, elsewhere, shows: true, ask: async (cell) => ({ body: toBody(await ask(cell)) }) };
}

/** By method and path. */
export const httpRules: Readonly<Record<string, HttpRule>> = {
  ...openAi("/v1"),
  ...openAi("/api/v1"),
  "POST /infer": { needs: "gateway:use", elsewhere: "ok", ask: () => ({ body: { prompt: "Hello" } }) },
  "GET /audit/export": {
    needs: "audit:view",
    elsewhere: "not_found",
    shows: true,
    ask: ({ at }) => ({ path: `/audit/export?tenant=${at.id}` }),
    alsoElsewhere: [{ outcome: "not_found", ask: () => ({ path: "/audit/export?tenant=platform" }) }],
  },
  "GET /analytics/usage-by-key": {
    needs: "usage:view",
    elsewhere: "ok",
    shows: "api_keys:view",
    ask: () => ({}),
  },
  ...graphql("/graphql"),
  ...graphql("/graphql/"),
  // It is for those who are nobody yet, and sends them to the tenant's own issuer.
  "GET /auth/sign-on": {
    needs: "nothing",
    elsewhere: "ok",
    tellsAll: true,
    ask: ({ at }) => ({ path: `/auth/sign-on?tenant=${at.id}` }),
  },
  "GET /auth/callback/{tenant}": {
    needs: "nothing",
    says: "unauthenticated",
    elsewhere: "unauthenticated",
    ask: ({ at }) => ({ path: `/auth/callback/${at.id}?code=c&state=s` }),
  },
  "POST /auth/log-in": likeGraphql("Mutation.logIn", (variables) => variables),
  "POST /auth/refresh": likeGraphql("Mutation.refreshSession", ({ refreshToken }) => ({
    refresh_token: refreshToken,
  })),
  "POST /auth/log-out": {
    needs: "credential",
    elsewhere: "ok",
    ask: () => ({}),
    after: ({ caller, make }) => make.logInAgain(caller),
  },
  "GET /health": open,
  "HEAD /health": open,
  "GET /ready": open,
  "HEAD /ready": open,
  "GET /metrics": metrics,
  "HEAD /metrics": metrics,
};
