// How the process ends: by signals at any moment, by an error that nobody caught, and not by a reader that goes.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { listen } from "../support/listen.ts";
import { ask, recorded, serveIn, startProcess } from "./served-process.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-end-"));
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(root, "process-"));
});
afterAll(() => rmSync(root, { recursive: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

/** Runs in the process before the gateway, and makes it go wrong on SIGUSR2. */
const failing = (fault: string): Record<string, string> => {
  const code = `process.on("SIGUSR2",()=>{${fault}})`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
};

describe("an error that nobody caught", () => {
  it.each([
    ["uncaughtException", 'throw new Error("made on purpose")'],
    ["unhandledRejection", 'Promise.reject(new Error("made on purpose"))'],
  ])(
    "by %s ends the process with its stack and code 1, after the records were written",
    async (origin, fault) => {
      const { child, httpUrl, lines, errors, ended } = await serveIn(folder, failing(fault));
      expect((await ask(httpUrl, "Hello")).status).toBe(200);
      child.kill("SIGUSR2");
      expect(await ended).toEqual([1, null]);
      expect(errors()).toMatch(
        new RegExp(
          `^Sluice ends by an error that nobody caught \\(${origin}\\)\\. Error: made on purpose\\n +at `,
        ),
      );
      const line =
        lines.find((each) => each.includes("an error that nobody caught ends the process")) ?? "{}";
      expect(JSON.parse(line)).toMatchObject({ level: 50, origin, error: { message: "made on purpose" } });
      expect(recorded(folder)).toEqual([{ status: "ok" }]);
    },
  );

  it("ends the process even when it comes again and again", async () => {
    const { child, ended, errors } = await serveIn(
      folder,
      failing('setInterval(()=>{throw new Error("over and over")},1)'),
    );
    child.kill("SIGUSR2");
    expect(await ended).toEqual([1, null]);
    expect(errors().match(/over and over/g)).toHaveLength(1);
  });
});

describe("a signal", () => {
  it("during the start ends it, though it waits for a provider's list", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { child, errors, ended } = startProcess(folder, { VLLM_BASE_URL: `http://127.0.0.1:${port}/v1` });
    await once(silent, "connection");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(errors()).toBe("Sluice was stopped by SIGTERM before it was ready.\n");
    silent.close();
  });

  it("while most of the program is still to be loaded is heard", async () => {
    const code = `import{registerHooks}from"node:module";registerHooks({load(url,context,next){
      if(url.endsWith("start-process.ts"))process.kill(process.pid,"SIGTERM");
      return next(url,context)}})`;
    const { errors, ended } = startProcess(folder, {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
    });
    expect(await ended).toEqual([0, null]);
    expect(errors()).toBe("Sluice was stopped by SIGTERM before it was ready.\n");
  });

  it("between the opening of the two ports closes the gateway, which may have been called", async () => {
    const code = `import{Server}from"node:http";const{emit}=Server.prototype;let told=false;
      Server.prototype.emit=function(name,...rest){
        const{port}=this.address?.()??{};
        if(name==="listening"&&port===Number(process.env.HTTP_PORT)&&!told){told=true;process.emit("SIGTERM","SIGTERM")}
        return emit.call(this,name,...rest)}`;
    const port = await freePort();
    const { child, errors, ended } = startProcess(folder, {
      HTTP_PORT: String(port),
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
    });
    const output = text(child.stdout);
    expect(await ended).toEqual([0, null]);
    expect(await output).toContain('"msg":"stopping"');
    expect(errors()).toBe("");
  });

  it("lets the answer under way go on for a moment, though npm sends it again; a later one ends the process", async () => {
    const { child, httpUrl, sees, ended } = await serveIn(folder);
    const response = await ask(httpUrl, "[demo tokens=2000 delay=50] Tell me more", true);
    const reader = response.body?.getReader();
    await reader?.read();
    child.kill("SIGINT");
    await sees('"msg":"stopping"');
    child.kill("SIGINT");
    const againMs = performance.now() + 700;
    while (performance.now() < againMs) expect((await reader?.read())?.done).toBe(false);
    child.kill("SIGINT");
    expect(await ended).toEqual([1, null]);
    await reader?.closed.catch(() => undefined);
  });

  it("at a terminal does not wait for load balancers", async () => {
    const { child, ended } = await serveIn(folder, { SHUTDOWN_DELAY_SECONDS: "600" });
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
  });
});

describe("output that nobody reads any more", () => {
  it("is no reason to end: the gateway serves on and stops by SIGTERM", async () => {
    const { child, httpUrl, ended } = await serveIn(folder, { LOG_LEVEL: "info" });
    child.stdout.destroy();
    child.stderr.destroy();
    expect((await ask(httpUrl, "Hello")).status).toBe(200);
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(recorded(folder)).toEqual([{ status: "ok" }]);
  });
});
