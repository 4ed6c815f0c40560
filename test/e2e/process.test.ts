// The process as an operator meets it: what stops its start, and how it stops.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GatewayProcess, startGatewayProcess } from "../../src/cli/gateway-process.ts";
import { listen } from "../support/listen.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-process-"));
const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(root, "start-"));
});
afterAll(() => rmSync(root, { recursive: true }));

async function failedStart(environment: Record<string, string>): Promise<{ code: unknown; said: string }> {
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { HTTP_PORT: "0", GRPC_PORT: "0", ...environment },
    stdio: ["ignore", "ignore", "pipe"],
    // One that starts all the same must not stay.
    timeout: 15_000,
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code]: unknown[] = await once(child, "close");
  return { code, said };
}

describe("a start that cannot be", () => {
  it("says which value is wrong and what is allowed", async () => {
    expect(await failedStart({ HTTP_PORT: "eighty" })).toEqual({
      code: 1,
      said:
        "Sluice did not start. environment: HTTP_PORT: must be a whole number from 0 to 65535; " +
        'found "eighty".\n',
    });
  });

  it("says what is wrong with sluice.yaml", async () => {
    writeFileSync(join(folder, "sluice.yaml"), "routes: { r: { targets: [] } }\n");
    const { code, said } = await failedStart({});
    expect(code).toBe(1);
    expect(said).toMatch(/^Sluice did not start\. sluice\.yaml: routes\.r\.targets: .+\n$/);
  });

  it("says that a database cannot be served, without a stack", async () => {
    const { code, said } = await failedStart({ DATABASE_URL: "mysql://x" });
    expect(code).toBe(1);
    expect(said).toMatch(/^Sluice did not start\. DATABASE_URL .+\n$/);
  });

  it.each(["HTTP_PORT", "GRPC_PORT", "ADMIN_PORT"])(
    "says that the port of %s is taken, and what to do",
    async (variable) => {
      const other = createServer();
      const port = await listen(other);
      const { code, said } = await failedStart({ [variable]: String(port) });
      other.close();
      expect(code).toBe(1);
      expect(said).toMatch(/Sluice did not start\. [^\n]+\n$/);
      expect(said).toContain(
        `127.0.0.1, port ${port}: another program has it. End that one, or set ${variable}.\n`,
      );
    },
  );

  it("says that one port is set for both", async () => {
    expect(await failedStart({ HTTP_PORT: "9", GRPC_PORT: "9" })).toEqual({
      code: 1,
      said: "Sluice did not start. HTTP_PORT and GRPC_PORT are both 9. Set one of them to another port.\n",
    });
    expect(await failedStart({ GRPC_PORT: "9", ADMIN_PORT: "9" })).toEqual({
      code: 1,
      said: "Sluice did not start. GRPC_PORT and ADMIN_PORT are both 9. Set one of them to another port.\n",
    });
  });

  it("says that others can reach HOST, and what makes a secret", async () => {
    expect(await failedStart({ HOST: "0.0.0.0" })).toEqual({
      code: 1,
      said: expect.stringMatching(/^Sluice did not start\. SLUICE_SECRET is missing\..*openssl rand -hex 32/),
    });
  });

  it("says that HOST is none of this machine", async () => {
    expect(await failedStart({ HOST: "192.0.2.1", SLUICE_SECRET: "s".repeat(32) })).toEqual({
      code: 1,
      said: "Sluice did not start. 192.0.2.1, port 0: HOST is no address of this machine. Correct it.\n",
    });
  });

  it("says which Node it needs", async () => {
    const older = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})';
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(older)}`;
    expect(await failedStart({ NODE_OPTIONS })).toEqual({
      code: 1,
      said:
        "Sluice did not start. It needs Node 24, and this is 20.1.0. Install that, or start by npm, " +
        "which brings its own.\n",
    });
  });
});

describe("a process that runs", () => {
  let gateway: GatewayProcess | undefined;
  afterEach(() => gateway?.stop());

  it("reads .env and the port that it holds, serves, and ends by SIGTERM", async () => {
    writeFileSync(join(folder, ".env"), "SLUICE_API_KEYS=a-key-from-the-dot-env\n");
    gateway = await startGatewayProcess({ folder, environment: {} });
    const ask = (headers: Record<string, string>) => fetch(`${gateway?.httpUrl}/v1/models`, { headers });
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: "Bearer a-key-from-the-dot-env" })).status).toBe(200);
    await gateway.stop();
    await expect(ask({})).rejects.toThrow();
  });

  it("makes a database that not everybody on the machine may open", async () => {
    gateway = await startGatewayProcess({ folder, environment: {} });
    expect(statSync(join(folder, "sluice.db")).mode & 0o007).toBe(0);
  });

  it("starts and is silent where what Node compiles cannot be kept", async () => {
    writeFileSync(join(folder, "file"), "");
    gateway = await startGatewayProcess({
      folder,
      environment: { NODE_COMPILE_CACHE: join(folder, "file", "cache") },
    });
    expect((await fetch(`${gateway.httpUrl}/health`)).status).toBe(200);
  });

  it("refuses a second one on its database file", async () => {
    gateway = await startGatewayProcess({ folder, environment: {} });
    const { code, said } = await failedStart({});
    expect(code).toBe(1);
    expect(said).toContain("which another running gateway has open");
    expect((await fetch(`${gateway.httpUrl}/health`)).status).toBe(200);
  });
});
