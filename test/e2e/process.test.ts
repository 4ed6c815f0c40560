// The process as an operator meets it: what stops its start, and how it stops.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GatewayProcess, startGatewayProcess } from "../../src/cli/gateway-process.ts";

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

  it("says that a port is taken, and closes what it had opened", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? String(address.port) : "";
    const { code, said } = await failedStart({ GRPC_PORT: port });
    other.close();
    expect(code).toBe(1);
    expect(said).toContain(port);
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

  it("refuses a second one on its database file", async () => {
    gateway = await startGatewayProcess({ folder, environment: {} });
    const { code, said } = await failedStart({});
    expect(code).toBe(1);
    expect(said).toContain("which another running gateway has open");
    expect((await fetch(`${gateway.httpUrl}/health`)).status).toBe(200);
  });
});
