// Secrets of every kind are planted, every front end is driven, failures included, and all that comes out anywhere is
// searched for them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { administer, administerWrongly, asking, beginSessions } from "./canary/administer.ts";
import { type Canary, createCanary } from "./canary/canary.ts";
import { environmentOf, yamlOf } from "./canary/configuration.ts";
import { databases } from "./canary/databases.ts";
import { startEchoingRedis } from "./canary/echoing-redis.ts";
import { type EchoingUpstream, type EchoMode, startEchoingUpstream } from "./canary/echoing-upstream.ts";
import { callBy, type CallingPorts, everyFace } from "./canary/everywhere.ts";
import { hostileHeaders, type Planted, plantSecrets } from "./canary/planted.ts";
import { everyField } from "./matrix/ask-graphql.ts";
import { createTransports } from "./matrix/ask-rpc.ts";
import { wholeDocument } from "./matrix/whole-document.ts";
import { allPermissions } from "../../src/core/access/permissions.ts";
import { configurationOf, createGateway } from "../../src/gateway.ts";
import { platform, serveGateway } from "./served-gateway.ts";

const doctorProgram = join(import.meta.dirname, "..", "..", "src", "doctor.ts");

/** What credentials are refused with, by every way in which one is sent. */
async function showWrongCredentials(ports: CallingPorts, planted: Planted): Promise<void> {
  const { served, canary } = ports;
  const call = { model: "openai/m", text: "Hello" };
  for (const [i, credential] of [
    planted.unknownKey,
    planted.mistypedKey,
    planted.foreignToken,
    planted.importedKey,
    `${planted.configuredKey}x`,
  ].entries()) {
    const by = i < 2 ? everyFace : (["OpenAI", "gRPC"] as const);
    await callBy(ports, "a refused credential", { ...call, by, credential });
    await callBy(ports, "a refused key", { ...call, by, headers: { "x-api-key": credential } });
    await asking(ports)("a refused credential at GraphQL", "{ me { tenantId } }", {}, credential);
    const socket = new WebSocket(`${served.baseUrl.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    socket.addEventListener("open", () =>
      socket.send(
        JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${credential}` } }),
      ),
    );
    const [closed] = await once(socket, "close");
    canary.see("a refused websocket", inspect(closed, { depth: 2 }));
  }
}

const providers = [
  "openai",
  "groq",
  "anthropic",
  "gemini",
  "mistral",
  "azure",
  "bedrock",
  "filed",
  "added",
  "aws",
];

interface Calls {
  readonly upstream: EchoingUpstream;
  readonly planted: Planted;
  readonly keySecret: string;
  /** How it fails. */
  readonly modes: readonly EchoMode[];
}

/** By every front end at two of them, else by the one that tells most. */
async function callProviders(
  ports: CallingPorts,
  { upstream, planted, keySecret, modes }: Calls,
): Promise<void> {
  const headers = hostileHeaders(planted);
  for (const mode of modes) {
    upstream.mode = mode;
    for (const [i, provider] of providers.entries()) {
      const asked = { model: `${provider}/m`, text: "Hello", credential: keySecret, headers };
      const by = i < 2 ? everyFace : (["OpenAI", "OpenAI stream"] as const);
      await callBy(ports, `a call of ${provider} that fails (${mode})`, { ...asked, by });
    }
  }
  const text = `My key is ${planted.promptKey}, sent as Authorization: Bearer ${planted.promptKey}.`;
  const asked = { model: "answering/demo-chat", text, credential: keySecret, headers };
  await callBy(ports, "a call that is answered", { ...asked, by: everyFace });
}

async function rejection(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return error;
  }
}

/** What stops the start, with a secret in what is wrong. */
async function startWrongly(canary: Canary, planted: Planted): Promise<void> {
  const wrong: readonly Readonly<Record<string, string>>[] = [
    { SLUICE_SECRET: planted.shortPassword },
    { SLUICE_SECRET_PREVIOUS: planted.shortPassword },
    { SLUICE_API_KEYS: `${planted.configuredKey},${planted.shortPassword}` },
    { REDIS_URL: `http://:${planted.redisPassword}@127.0.0.1:9` },
    { DATABASE_URL: `mysql://u:${planted.databasePassword}@127.0.0.1:9/x` },
    { DATABASE_URL: `postgresql://u:${planted.databasePassword}@127.0.0.1:9/x?sslmode=wrong` },
    { DATABASE_URL: `postgresql://u:${planted.databasePassword}@127.0.0.1:9/x` },
    { OPENAI_API_KEY: planted.openAiKey, OPENAI_BASE_URL: `ftp://u:${planted.urlPassword}@127.0.0.1` },
    { OPENAI_API_KEY: planted.openAiKey, OPENAI_BASE_URL: `http://u:${planted.urlPassword}@127.0.0.1:9` },
    { OPENAI_API_KEY: planted.openAiKey, OPENAI_PRIORITY: "high" },
    { AZURE_OPENAI_AD_TOKEN: planted.azureAdToken },
  ];
  for (const environment of wrong) {
    const error = await rejection(async () => createGateway(configurationOf(environment)));
    expect(error, Object.keys(environment).join()).toBeInstanceOf(Error);
    canary.see(`a start with a wrong ${Object.keys(environment).join()}`, inspect(error, { depth: 9 }));
  }
}

/** Everything that tells what there is, to whoever may see everything. */
async function readAll({ served, canary }: CallingPorts, admin: string): Promise<void> {
  const variables: Readonly<Record<string, object>> = {
    usage: { from: "2026-01-01T00:00:00Z", to: "2036-01-01T00:00:00Z", groupBy: ["PROVIDER"] },
    requests: { first: 20 },
    auditLog: { first: 60 },
    ssoConfig: { tenant: "canary-tenant" },
    tenant: { id: "canary-tenant" },
  };
  for (const root of everyField.filter(({ name }) => name.startsWith("Query."))) {
    const given = variables[root.field.name] ?? {};
    if (root.field.args.some(({ name, type }) => String(type).endsWith("!") && !(name in given))) continue;
    const query = wholeDocument(root, { args: Object.keys(given), permissions: allPermissions });
    await asking({ served, canary })(`GraphQL of ${root.field.name}`, query, given, admin);
  }
  const paths = [
    "/audit/export",
    "/audit/export?tenant=canary-tenant",
    "/analytics/usage-by-key",
    "/v1/models",
    "/health",
    "/ready",
    "/metrics",
  ];
  for (const path of paths) {
    for (const accept of path === "/metrics" ? ["application/json", "text/plain; version=0.0.4"] : ["*/*"]) {
      const response = await fetch(`${served.baseUrl}${path}`, {
        headers: { authorization: `Bearer ${admin}`, accept },
      });
      expect(response.status, path).toBe(200);
      canary.see(`${path} as ${accept}`, `${JSON.stringify([...response.headers])} ${await response.text()}`);
    }
  }
  canary.see(
    "settings",
    inspect([served.gateway.settings.providers(platform), served.gateway.readiness()], { depth: 9 }),
  );
}

async function runDoctor(folder: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, [doctorProgram], {
    cwd: folder,
    env: { HTTP_PORT: "0", GRPC_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return (await Promise.all([text(child.stdout), text(child.stderr)])).join("\n");
}

async function drive(canary: Canary, planted: Planted, database: keyof typeof databases): Promise<void> {
  const upstream = await startEchoingUpstream(`Ask for ${planted.othersKey}.`);
  const redis = await startEchoingRedis();
  const environment = environmentOf(planted, upstream.url, redis.port);
  const databaseUrl = await databases[database].urlOf(planted);
  const log = (message: string, fields?: object) =>
    canary.see("log", inspect([message, fields], { depth: 12 }));
  const served = await serveGateway({
    environment: { ...environment, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) },
    log: { info: log, warn: log, error: log },
    yaml: yamlOf(planted, upstream.url),
  });
  const transports = createTransports(served);
  const ports = { served, transports, canary };
  try {
    const answering = { name: "answering", kind: "vllm", baseUrl: served.upstream.url, model: "demo-chat" };
    await served.gateway.settings.addProvider(platform, answering);
    const email = "admin@canary.example";
    await served.gateway.administration.createUser(platform, {
      email,
      role: "platform_admin",
      password: planted.adminPassword,
    });
    const administering = { served, canary, planted, upstreamUrl: upstream.url };
    const admin = await beginSessions(administering, email);
    const { keySecret } = await administer(administering, admin);
    await administerWrongly(administering, admin);
    // What is said does not depend on the database.
    const modes: readonly EchoMode[] =
      database === "SQLite" ? ["json 401", "json 400", "text 404", "stream"] : ["json 401"];
    await callProviders(ports, { upstream, planted, keySecret, modes });
    await showWrongCredentials(ports, planted);
    await served.gateway.database.flush();
    await readAll(ports, admin);
    const away = `postgresql://sluice:${planted.databasePassword}@127.0.0.1:9/sluice`;
    canary.see("doctor", await runDoctor(served.folder, { ...environment, DATABASE_URL: away }));
    transports.close();
    await served.stop();
    canary.see("database", await databases[database].contents(served));
  } finally {
    transports.close();
    await served.close();
    await upstream.close();
    redis.close();
  }
  // What was never sent could not come out.
  expect([...upstream.received]).toEqual(expect.arrayContaining([...sentUpstream(planted)]));
}

const sentUpstream = (planted: Planted): readonly string[] => [
  planted.openAiKey,
  planted.groqKey,
  planted.anthropicKey,
  planted.geminiKey,
  planted.mistralKey,
  planted.azureAdToken,
  planted.awsSessionToken,
  planted.fileKey,
  planted.otherFileKey,
  planted.changedKey,
];

test.each(["SQLite", "PostgreSQL"] as const)(
  "no secret comes out, on %s",
  async (database) => {
    const canary = createCanary();
    const planted = plantSecrets(canary);
    await drive(canary, planted, database);
    expect(canary.found()).toEqual([]);
    expect(canary.planted).toBeGreaterThanOrEqual(25);
    process.stdout.write(
      `canary: ${canary.planted} secrets, ${canary.outputs} outputs searched (${database})\n`,
    );
  },
  60_000,
);

test("no secret stands in what stops the start", async () => {
  const canary = createCanary();
  await startWrongly(canary, plantSecrets(canary));
  expect(canary.found()).toEqual([]);
});
