// Whoever shows a credential that is not good is told the same by every front end; whoever cannot be looked up is
// neither let in nor sent away as a stranger.

import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { ModelService } from "../../generated/proto/sluice/v1/model_pb.ts";
import { allPermissions } from "../../src/core/access/permissions.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createIssuerKey, startJwksServer } from "../support/jwks-server.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { type Issuer, makeWrongCredentials } from "./hostile/wrong-credentials.ts";
import { askRpc, createTransports } from "./matrix/ask-rpc.ts";
import { createMaker } from "./matrix/maker.ts";
import { allOperations, type Operation } from "./matrix/operations.ts";
import type { Cell } from "./matrix/rule.ts";
import { seedTenant } from "./matrix/tenants.ts";
import { platform, serveGateway, type ServedGateway, type ServedOptions } from "./served-gateway.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

interface Faces {
  readonly served: ServedGateway;
  /** One for each way by which a credential is read. */
  readonly operations: readonly Operation[];
  /** As the matrix asks, with that credential. */
  readonly ask: (operation: Operation, credential: string) => Promise<readonly string[]>;
}

async function serveFaces(options: ServedOptions = {}): Promise<Faces> {
  const served = await serveGateway({
    ...options,
    environment: { TRUST_PROXY: "127.0.0.1", ...options.environment },
  });
  cleanUps.push(() => served.close());
  const transports = createTransports(served);
  cleanUps.push(() => transports.close());
  const issuer = "https://issuer.example";
  const own = await seedTenant(served, { id: "faces", issuer });
  const make = createMaker(served, { issuer, callers: [] });
  const { operations } = await allOperations(served, transports);
  return {
    served,
    operations: operations.filter(
      ({ name, rule, changes }) =>
        rule.needs !== "nothing" &&
        (!changes || name === "Mutation.chat") &&
        !/^Query\.(?!me|models|users)/.test(name),
    ),
    async ask(operation, credential) {
      const caller = { name: "somebody", credential, permissions: allPermissions };
      const cell: Cell = { caller, own, at: own, make };
      const prepared = await operation.prepare(cell);
      return Promise.all(prepared.map(async ({ send }) => (await send()).outcome));
    },
  };
}

async function startIssuer(): Promise<Issuer> {
  const server = await startJwksServer();
  cleanUps.push(() => server.close());
  const key = await createIssuerKey("first");
  server.show([key]);
  return { server, key, name: "https://login.example", audience: "sluice" };
}

describe("a credential that is not good", () => {
  test("is refused as unauthenticated by every front end, whatever is wrong with it", async () => {
    const issuer = await startIssuer();
    let laterMs = 0;
    const faces = await serveFaces({
      clock: { ...systemClock, epochMs: () => systemClock.epochMs() + laterMs },
      environment: {
        JWT_ISSUER: issuer.name,
        JWT_AUDIENCE: issuer.audience,
        JWT_JWKS_URL: issuer.server.url,
      },
    });
    const sessionMs = 16 * 60_000;
    const endMs = Date.now() + sessionMs;
    const { good, byFault } = await makeWrongCredentials(faces.served, { tenantId: "faces", issuer, endMs });
    laterMs = sessionMs;
    const wrong: string[] = [];
    for (const operation of faces.operations) {
      for (const [fault, credential] of Object.entries(byFault)) {
        const outcomes = await faces.ask(operation, credential);
        if (outcomes.some((outcome) => outcome !== "unauthenticated")) {
          wrong.push(`${operation.name}, ${fault}: ${outcomes.join()}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(faces.operations.length).toBeGreaterThan(25);
    const { administration } = faces.served.gateway;
    const refused = { kind: "refused_credential", first: 200 } as const;
    const actions = async () =>
      (await administration.auditLog(platform, refused)).entries.map(({ action }) => action);
    await expect
      .poll(async () => [...new Set(await actions())].toSorted())
      .toEqual([
        "credential.expired",
        "credential.inactive",
        "credential.malformed",
        "credential.revoked",
        "credential.unknown",
      ]);
    const models = faces.operations.find(({ name }) => name === "GET /v1/models");
    expect(models && (await faces.ask(models, good))).toEqual(["ok"]);
  }, 60_000);
});

describe("while the database is away", () => {
  test("an unknown key is told 503, a mistyped one 401, and whoever was known goes on", async () => {
    const database = new URL(await createTestDatabase());
    const proxy = await startTcpProxy({ host: database.hostname, port: Number(database.port) });
    database.port = String(proxy.port);
    const faces = await serveFaces({ environment: { DATABASE_URL: database.href } });
    const { administration } = faces.served.gateway;
    const made = async () =>
      (await administration.createApiKey(platform, { tenantId: "faces", name: "Key" })).secret;
    const [known, unknown] = [await made(), await made()];
    const models = faces.operations.find(({ name }) => name === "GET /v1/models");
    if (models === undefined) throw new Error("There is no list of models.");
    expect(await faces.ask(models, known)).toEqual(["ok"]);
    await proxy.close();
    const wrong: string[] = [];
    const mistyped = `${unknown.slice(0, -1)}${unknown.endsWith("a") ? "b" : "a"}`;
    for (const operation of faces.operations) {
      for (const [credential, expected] of [
        [unknown, "unavailable"],
        [mistyped, "unauthenticated"],
      ] as const) {
        const outcomes = await faces.ask(operation, credential);
        if (outcomes.some((outcome) => outcome !== expected)) {
          wrong.push(`${operation.name}: expected ${expected}, was ${outcomes.join()}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(await faces.ask(models, known)).toEqual(["ok"]);
    const { status } = await fetch(`${faces.served.baseUrl}/v1/models`, {
      headers: { authorization: `Bearer ${unknown}` },
    });
    expect(status).toBe(503);
  }, 60_000);
});

describe("headers that are too long or too many", () => {
  test("are refused, and the gateway lives on", async () => {
    const { served, operations, ask } = await serveFaces();
    const { secret } = await served.gateway.administration.createApiKey(platform, {
      tenantId: "faces",
      name: "Key",
    });
    const sendRaw = async (head: string): Promise<string> => {
      const socket = connect(served.ports.httpPort, "127.0.0.1");
      await once(socket, "connect");
      socket.end(head);
      return text(socket);
    };
    const long = `authorization: Bearer ${"k".repeat(20_000)}\r\n`;
    const many = Array.from({ length: 200 }, (_, i) => `x-${i}: 1\r\n`).join("");
    for (const path of [
      "/v1/models",
      "/graphql",
      "/infer",
      "/sluice.v1.ModelService/ListModels",
      "/auth/log-in",
    ]) {
      for (const headers of [long, many]) {
        const answer = await sendRaw(
          `POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${headers}\r\n`,
        );
        expect(answer).toMatch(/^HTTP\/1\.1 431 /);
        expect(answer).toContain('"code":"payload_too_large"');
      }
    }
    const upgrade = `GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n`;
    expect(await sendRaw(`${upgrade}${long}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    // HTTP/2 takes more of them: the credential alone is too long. What is longer still its client does not send.
    for (const [length, expected] of [
      [30_000, "unauthenticated"],
      [100_000, "internal"],
    ] as const) {
      const others = createTransports(served);
      const asked = { message: {}, credential: "k".repeat(length) };
      const { outcome } = await askRpc(others.byName.gRPC, ModelService.method.listModels, asked);
      others.close();
      expect(outcome).toBe(expected);
    }
    for (const operation of operations.filter(({ name }) => name.includes("ModelService"))) {
      expect([operation.name, await ask(operation, secret)]).toEqual([operation.name, ["ok"]]);
    }
  }, 60_000);
});
