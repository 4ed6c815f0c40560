// All that takes a secret over GraphQL and HTTP, as it should be and as it should not.

import type { ServedGateway } from "../served-gateway.ts";
import type { Canary } from "./canary.ts";
import type { Planted } from "./planted.ts";

export interface AdministeringPorts {
  readonly served: ServedGateway;
  readonly canary: Canary;
  readonly planted: Planted;
  readonly upstreamUrl: string;
}

/** Asks, sees the answer, and gives it. */
type Ask = (label: string, query: string, variables?: object, credential?: string) => Promise<string>;

export const asking =
  ({ served, canary }: Pick<AdministeringPorts, "served" | "canary">): Ask =>
  async (label, query, variables = {}, credential) => {
    const response = await fetch(`${served.baseUrl}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    canary.see(label, `${JSON.stringify([...response.headers])} ${text}`);
    return text;
  };

const memberOf = (text: string, name: string): string => {
  const value = new RegExp(`"${name}":"([^"]+)"`).exec(text)?.[1];
  if (value === undefined) throw new Error(`There is no ${name} in ${text}`);
  return value;
};
const numberOf = (text: string, name: string): number =>
  Number(new RegExp(`"${name}":(\\d+)`).exec(text)?.[1]);

const startedFields = "{ accessToken refreshToken user { id email hasPassword } }";

/** Log-in and sessions; gives the administrator's token. */
export async function beginSessions(ports: AdministeringPorts, email: string): Promise<string> {
  const { canary, planted, served } = ports;
  const ask = asking(ports);
  const logIn = `mutation ($email: String!, $password: String!) { logIn(email: $email, password: $password) ${startedFields} }`;
  const first = await ask("log-in", logIn, { email, password: planted.adminPassword });
  const accessToken = canary.plant("an access token", memberOf(first, "accessToken"), "log-in", "refresh");
  const refreshToken = canary.plant("a refresh token", memberOf(first, "refreshToken"), "log-in");
  const refresh = `mutation ($token: String!) { refreshSession(refreshToken: $token) ${startedFields} }`;
  const next = await ask("refresh", refresh, { token: refreshToken });
  // Of the same second, it is the same.
  canary.plant("the next access token", memberOf(next, "accessToken"), "refresh", "log-in");
  canary.plant("the next refresh token", memberOf(next, "refreshToken"), "refresh");
  await ask("log-in refused", logIn, { email, password: planted.wrongPassword });
  await ask("refresh refused", refresh, { token: `${refreshToken}x` });
  const post = async (label: string, path: string, body: object) => {
    const response = await fetch(`${served.baseUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    canary.see(label, `${JSON.stringify([...response.headers])} ${text}`);
    return text;
  };
  const plain = await post("plain log-in", "/auth/log-in", { email, password: planted.adminPassword });
  canary.plant("a plain access token", memberOf(plain, "access_token"), "plain log-in");
  canary.plant("a plain refresh token", memberOf(plain, "refresh_token"), "plain log-in");
  await post("log-in refused plainly", "/auth/log-in", { email, password: planted.wrongPassword });
  await post("log-in of a wrong form", "/auth/log-in", { email, password: [planted.wrongPassword] });
  await post("log-in with more", "/auth/log-in", {
    email,
    [planted.wrongPassword.slice(0, 20)]: planted.wrongPassword,
  });
  await post("refresh refused plainly", "/auth/refresh", { refresh_token: planted.unknownKey });
  const back = await fetch(`${served.baseUrl}/auth/callback?code=${planted.code}&state=${planted.code}`, {
    headers: { cookie: `sluice_sign_on=${planted.cookie}` },
  });
  canary.see("sign-on refused", `${JSON.stringify([...back.headers])} ${await back.text()}`);
  return accessToken;
}

export interface Administered {
  readonly tenantId: string;
  readonly keySecret: string;
}

/** Everything is made and changed that has a secret. */
export async function administer(ports: AdministeringPorts, admin: string): Promise<Administered> {
  const { canary, planted, upstreamUrl } = ports;
  const ask: Ask = async (label, query, variables) => {
    const text = await asking(ports)(label, query, variables, admin);
    if (/"errors":|"(?:InvalidInput|Conflict|NotFound)"/.test(text)) throw new Error(`${label}: ${text}`);
    return text;
  };
  const tenantId = "canary-tenant";
  await ask(
    "a tenant",
    `mutation { createTenant(input: { id: "${tenantId}", name: "T", logging: { bodies: FULL, redact: true } }) { __typename } }`,
  );
  const user = await ask(
    "a user",
    "mutation ($input: CreateUserInput!) { createUser(input: $input) { __typename ... on User { id version email hasPassword } } }",
    { input: { tenantId, email: "user@canary.example", role: "OWNER", password: planted.userPassword } },
  );
  await ask(
    "a user whose password changes",
    "mutation ($id: ID!, $version: Int!, $input: UpdateUserInput!) { updateUser(id: $id, version: $version, input: $input) { __typename } }",
    {
      id: memberOf(user, "id"),
      version: numberOf(user, "version"),
      input: { password: planted.nextPassword },
    },
  );
  const makeKey = `mutation ($input: CreateApiKeyInput!) {
    createApiKey(input: $input) { __typename ... on MadeApiKey { secret apiKey { id version prefix } } }
  }`;
  const made = await ask("a new key", makeKey, {
    input: { tenantId, name: "Key", permissions: ["gateway:use", "requests:view"] },
  });
  const keySecret = canary.plant("a created key", memberOf(made, "secret"), "a new key");
  const rotated = await ask(
    "a rotated key",
    `mutation ($id: ID!, $version: Int!) {
      rotateApiKey(id: $id, version: $version, overlapSeconds: 600) { __typename ... on MadeApiKey { secret } }
    }`,
    { id: memberOf(made, "id"), version: numberOf(made, "version") },
  );
  canary.plant("a rotated key's secret", memberOf(rotated, "secret"), "a rotated key");
  await ask(
    "an import",
    "mutation ($input: ImportApiKeysInput!) { importApiKeys(input: $input) { __typename ... on ImportedApiKeys { apiKeys { id prefix } } } }",
    {
      input: {
        tenantId,
        keys: [{ name: "Old", prefix: planted.importedKey.slice(0, 8), bcryptHash: planted.bcryptHash }],
      },
    },
  );
  await ask(
    "sign-on",
    "mutation ($input: SsoConfigInput!) { setSsoConfig(input: $input) { __typename ... on SsoConfig { hasClientSecret clientId } } }",
    { input: { tenantId, issuer: upstreamUrl, clientId: "client", clientSecret: planted.clientSecret } },
  );
  await addProviders(ports, { ask, admin });
  return { tenantId, keySecret };
}

async function addProviders(
  ports: AdministeringPorts,
  { ask, admin }: { readonly ask: Ask; readonly admin: string },
): Promise<void> {
  const { planted, upstreamUrl } = ports;
  const add =
    "mutation ($input: AddProviderInput!) { addProvider(input: $input, validate: false) { name keys } }";
  const common = { baseUrl: `${upstreamUrl}/v1`, model: "m", priority: -5 };
  await ask("a provider", add, {
    input: { ...common, name: "added", kind: "openai", apiKey: planted.runTimeKey },
  });
  await asking(ports)(
    "a provider that is validated",
    "mutation ($input: AddProviderInput!) { addProvider(input: $input, validate: true) { name } }",
    { input: { ...common, name: "validated", kind: "openai", apiKey: planted.runTimeKey } },
    admin,
  );
  await ask(
    "a provider's new key",
    'mutation ($input: UpdateProviderInput!) { updateProvider(name: "added", input: $input) { name } }',
    { input: { apiKey: planted.changedKey } },
  );
  await ask("a provider of AWS", add, {
    input: {
      ...common,
      name: "aws",
      kind: "bedrock",
      baseUrl: upstreamUrl,
      settings: {
        region: "eu-west-1",
        accessKeyId: planted.awsKeyId,
        secretAccessKey: planted.runTimeAwsKey,
      },
    },
  });
  await asking(ports)(
    "a provider with a password in its address",
    add,
    {
      input: {
        ...common,
        name: "addressed",
        kind: "vllm",
        baseUrl: `http://user:${planted.urlPassword}@127.0.0.1:9`,
      },
    },
    admin,
  );
}

/** What GraphQL itself, and the ports, find wrong: they may quote what they were given, but no secret. */
export async function administerWrongly(ports: AdministeringPorts, admin: string): Promise<void> {
  const { planted } = ports;
  const { runTimeKey, shortPassword, userPassword, clientSecret, bcryptHash, wrongPassword } = planted;
  const wrong: readonly (readonly [query: string, variables?: object])[] = [
    [`mutation { addProvider(input: { name: "x", kind: "openai", apiKey: "${runTimeKey}" ) { name } }`],
    [
      `mutation { addProvider(input: { name: "x", kind: "openai", apiKey: ${runTimeKey.replaceAll(/\W/g, "_")} }) { name } }`,
    ],
    [`mutation { addProvider(input: { name: "x", kind: "openai", apikey: "${runTimeKey}" }) { name } }`],
    [
      `mutation { updateProvider(name: "added", input: { apiKeys: "${runTimeKey}", priority: "${runTimeKey}" }) { name } }`,
    ],
    [
      "mutation ($input: AddProviderInput!) { addProvider(input: $input) { name } }",
      { input: { name: "x", kind: runTimeKey, apiKey: [runTimeKey] } },
    ],
    [
      "mutation ($input: AddProviderInput!) { addProvider(input: $input) { name } }",
      {
        input: {
          name: "x",
          kind: "openai",
          apiKey: runTimeKey,
          baseUrl: "ftp://nowhere",
          timeouts: runTimeKey,
        },
      },
    ],
    [
      "mutation ($input: AddProviderInput!) { addProvider(input: $input) { name } }",
      {
        input: {
          name: "x",
          kind: "bedrock",
          model: "m",
          settings: { secretAccessKey: [runTimeKey], accessKeyId: runTimeKey },
        },
      },
    ],
    [
      "mutation ($input: AddProviderInput!) { addProvider(input: $input) { name } }",
      { input: { name: "x", kind: "bedrock", model: "m", settings: { secretKey: runTimeKey } } },
    ],
    [
      `mutation { createUser(input: { email: "e@x.example", role: OWNER, password: "${shortPassword}" }) { __typename ... on InvalidInput { fields { field message } } } }`,
    ],
    [
      `mutation { createUser(input: { email: "${userPassword}", role: "${userPassword}", password: 5 }) { __typename } }`,
    ],
    [
      `mutation { createUser(input: { email: "e@x.example", role: OWNER, password: """${userPassword} }) { __typename } }`,
    ],
    [
      `mutation { logIn(email: "e@x.example", password: ${wrongPassword.replaceAll(/\W/g, "_")}) { accessToken } }`,
    ],
    [
      'mutation ($p: String!) { logIn(email: "e@x.example", password: $p, pass: $p) { accessToken } }',
      { p: [wrongPassword] },
    ],
    [
      "mutation ($p: String!) { changePassword(current: $p, next: $p) { __typename ... on InvalidInput { fields { message } } } }",
      { p: wrongPassword },
    ],
    [
      "mutation ($i: SsoConfigInput!) { setSsoConfig(input: $i) { __typename ... on InvalidInput { fields { message } } } }",
      {
        i: {
          issuer: `https://u:${clientSecret}@x.example`,
          clientId: "c",
          clientSecret: `${clientSecret}\n`,
        },
      },
    ],
    [
      "mutation ($i: ImportApiKeysInput!) { importApiKeys(input: $i) { __typename ... on InvalidInput { fields { message } } } }",
      { i: { keys: [{ name: "k", prefix: "p", bcryptHash: `${bcryptHash}x` }] } },
    ],
    [
      "mutation ($i: ImportApiKeysInput!) { importApiKeys(input: $i) { __typename } }",
      { i: { keys: [{ name: "k", bcryptHash }] } },
    ],
    [
      `mutation { refreshSession(refreshToken: ${planted.foreignToken.replaceAll(/\W/g, "_")}) { accessToken } }`,
    ],
  ];
  for (const [i, [query, variables]] of wrong.entries()) {
    await asking(ports)(`wrong input ${i}`, query, variables, admin);
  }
}
