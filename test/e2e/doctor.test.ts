// `npm run doctor` as an operator runs it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeEach, expect, it } from "vitest";
import { startGatewayProcess } from "../../src/cli/gateway-process.ts";
import { listen } from "../support/listen.ts";
import { startRedis } from "../support/redis-server.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-doctor-"));
const program = join(import.meta.dirname, "..", "..", "src", "doctor.ts");
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(root, "d-"));
});
afterAll(() => rmSync(root, { recursive: true }));

async function doctor(environment: Record<string, string>, ...flags: string[]) {
  const child = spawn(process.execPath, [program, ...flags], {
    cwd: folder,
    env: { HTTP_PORT: "0", GRPC_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { out, errors, code: Number(code) };
}

const finding = (out: string, subject: string): string | undefined =>
  out.split("\n").find((line) => line.slice(6).startsWith(subject));

it("finds nothing to mend in a fresh folder", async () => {
  const { out, errors, code } = await doctor({});
  expect({ errors, code }).toEqual({ errors: "", code: 0 });
  expect(
    out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.slice(0, 20).trim()),
  ).toEqual([
    "ok    configuration",
    "ok    database",
    "warn  providers",
    "ok    HTTP port",
    "ok    gRPC port",
    "ok    TLS",
    "ok    clock",
  ]);
});

it("knows a healthy gateway on its ports, and the file that it has open", async () => {
  const gateway = await startGatewayProcess({ folder, environment: {} });
  chmodSync(join(folder, "sluice.db"), 0o600);
  const environment = { HTTP_PORT: new URL(gateway.httpUrl).port, GRPC_PORT: new URL(gateway.grpcUrl).port };
  const [{ out, code }, swapped] = await Promise.all([
    doctor(environment),
    doctor({ HTTP_PORT: environment.GRPC_PORT, GRPC_PORT: environment.HTTP_PORT }),
  ]);
  await gateway.stop();
  expect(code).toBe(0);
  expect(finding(out, "HTTP port")).toMatch(/^ok .*: a healthy gateway has it\.$/);
  expect(finding(out, "gRPC port")).toMatch(/^ok .*: a healthy gateway has it\.$/);
  expect(finding(out, "database")).toMatch(/^ok .*: can be read and written, its tables are up to date\.$/);
  expect(swapped.code).toBe(1);
  expect(finding(swapped.out, "HTTP port")).toMatch(
    /^fail .*: another program has it\. End that one, or set HTTP_PORT\.$/,
  );
  expect(finding(swapped.out, "gRPC port")).toMatch(
    /^fail .*: another program has it\. End that one, or set GRPC_PORT\.$/,
  );
});

it("says all that is to mend at once, shows no secret, and ends with 1", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = String(typeof address === "object" && address !== null ? address.port : 0);
  const secrets = {
    OPENAI_API_KEY: "sk-a-secret-of-the-provider",
    SLUICE_API_KEYS: "a-secret-key-of-the-callers",
  };
  const { out, errors, code } = await doctor({
    ...secrets,
    OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
    DATABASE_URL: "postgresql://sluice:a-secret-of-the-database@127.0.0.1:9/sluice",
    HTTP_PORT: port,
    TLS_CERT: "/nowhere/cert.pem",
    TLS_KEY: "/nowhere/key.pem",
  });
  other.close();
  expect(errors).toBe("");
  expect(code).toBe(1);
  for (const subject of ["database", "provider openai", "HTTP port", "TLS"]) {
    expect(finding(out, subject)).toMatch(/^fail /);
  }
  expect(finding(out, "HTTP port")).toContain("another program has it. End that one, or set HTTP_PORT.");
  expect(out).toMatch(/\n\n4 to mend before the gateway can serve\.\n$/);
  for (const secret of [...Object.values(secrets), "a-secret-of-the-database"])
    expect(out).not.toContain(secret);
});

it("tells one port for both from a port that another program has", async () => {
  const { out, code } = await doctor({ HTTP_PORT: "9", GRPC_PORT: "9" });
  expect(code).toBe(1);
  expect(finding(out, "ports")).toBe(
    "fail  ports          HTTP_PORT and GRPC_PORT are both 9. Set one of them to another port.",
  );
});

it("repeats what a gateway that runs says is wrong with it", async () => {
  const gateway = createHttpServer((request, response) =>
    response.end(
      request.url === "/ready"
        ? '{"status":"ready","problems":["Records cannot be written."]}'
        : '{"status":"ok"}',
    ),
  );
  const { out, code } = await doctor({ HTTP_PORT: String(await listen(gateway)) });
  gateway.close();
  expect(code).toBe(0);
  expect(finding(out, "gateway")).toBe(
    "warn  gateway        The one that runs says: Records cannot be written.",
  );
});

it("asks the Redis that gateways share, and misses one where several are named", async () => {
  const redis = await startRedis({ password: "a-secret-of-redis" });
  const environment = { REDIS_URL: redis.url, ADMIN_PORT: "0" };
  const there = await doctor(environment);
  await redis.kill();
  const [gone, missing] = await Promise.all([doctor(environment), doctor({ SLUICE_NODES: "2" })]);
  await redis.remove();
  expect(finding(there.out, "Redis")).toMatch(/^ok .*127\.0\.0\.1:\d+ answers\.$/);
  expect(finding(there.out, "admin port")).toMatch(/^ok .*A free one is taken at the start\.$/);
  expect(finding(gone.out, "Redis")).toMatch(/^warn .*refuses connections\. Start it there/);
  expect(gone.out).not.toContain("a-secret-of-redis");
  expect(finding(missing.out, "Redis")).toMatch(/^warn .*Set REDIS_URL\.$/);
  expect([there.code, gone.code, missing.code]).toEqual([0, 0, 0]);
});

it("reads the same sources as the gateway", async () => {
  writeFileSync(join(folder, ".env"), "DATABASE_URL=sqlite::memory:\n");
  writeFileSync(join(folder, "sluice.yaml"), "grpcPort: 0\n");
  const { out } = await doctor({}, "--http-port", "0");
  expect(finding(out, "database")).toMatch(/^warn .*what is recorded is lost/);
});

it("says what is wrong with them, and looks no further", async () => {
  writeFileSync(join(folder, "sluice.yaml"), "grpcPort: many\n");
  const { out, code } = await doctor({ GRPC_PORT: "" });
  expect(code).toBe(1);
  expect(out).toMatch(
    /^fail {2}configuration {2}sluice\.yaml: grpcPort: must be a whole number.*\n\n1 to mend/,
  );
});

it("warns of a file that everybody may open", async () => {
  const gateway = await startGatewayProcess({ folder, environment: {} });
  await gateway.stop();
  chmodSync(join(folder, "sluice.db"), 0o644);
  const { out, code } = await doctor({});
  expect(code).toBe(0);
  expect(out).toMatch(
    /\nwarn {2}database +Everybody on this machine may open the file.*Run chmod o-rwx .*sluice\.db\.\n/,
  );
});
