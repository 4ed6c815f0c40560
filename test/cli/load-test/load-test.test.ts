// The load test against a real gateway.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGraphqlCaller } from "../../../src/cli/load-test/graphql-caller.ts";
import { createGrpcCaller } from "../../../src/cli/load-test/grpc-caller.ts";
import { createHttpCaller } from "../../../src/cli/load-test/http-caller.ts";
import type { CallEnd } from "../../../src/cli/load-test/load-caller.ts";
import { type Simulation, startSimulation } from "../../../src/cli/load-test/simulation.ts";

const callers = { http: createHttpCaller, grpc: createGrpcCaller, graphql: createGraphqlCaller };
type FrontEnd = keyof typeof callers;
const ways = (["http", "grpc", "graphql"] as const).flatMap((frontEnd) => [
  { frontEnd, stream: false },
  { frontEnd, stream: true },
]);

let simulation: Simulation;
beforeAll(async () => {
  simulation = await startSimulation();
});
afterAll(() => simulation.close());

interface Asked {
  readonly frontEnd: FrontEnd;
  readonly stream: boolean;
  readonly prompt?: string;
  readonly model?: string;
}

async function callOnce({ frontEnd, stream, prompt = "Hello", model }: Asked): Promise<CallEnd> {
  const url = new URL(frontEnd === "grpc" ? simulation.grpcUrl : simulation.httpUrl);
  const caller = callers[frontEnd]({
    url,
    stream,
    model,
    prompt,
    apiKey: undefined,
    monotonicMs: () => performance.now(),
  });
  const end = await caller.call(new AbortController().signal);
  caller.close();
  return end;
}

describe.each(ways)("a call by $frontEnd, streamed: $stream", (way) => {
  it("tells who answered, after how many attempts, and when its first token came", async () => {
    const beganMs = performance.now();
    const { firstTokenAtMs, ...end } = await callOnce(way);
    expect(end).toEqual({ code: "ok", provider: "openai", attempts: 1 });
    if (!way.stream) return expect(firstTokenAtMs).toBeUndefined();
    expect(firstTokenAtMs).toBeGreaterThan(beganMs);
    expect(firstTokenAtMs).toBeLessThan(performance.now());
  });

  it("tells that another provider stood in", async () => {
    const prompt = "[demo fault=status:404 only=gpt-4o-mini] Hello";
    expect(await callOnce({ ...way, prompt })).toMatchObject({
      code: "ok",
      provider: "anthropic",
      attempts: 2,
    });
  });

  it("tells the gateway's code and words of a call that fails", async () => {
    expect(await callOnce({ ...way, model: "nobody/nothing" })).toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("nobody/nothing"),
    });
    expect(await callOnce({ ...way, prompt: "[demo fault=status:500] Hello" })).toMatchObject({
      code: "all_providers_failed",
      message: expect.stringContaining("openai"),
    });
  });

  it("tells the gateway's code of an answer that breaks off", async () => {
    if (!way.stream) return;
    const end = await callOnce({ ...way, prompt: "[demo tokens=50 fault=cut:20] Hello" });
    expect(end.code).toBe("all_providers_failed");
    expect(end.firstTokenAtMs).toBeGreaterThan(0);
  });
});

function startLoadTest(...options: string[]) {
  const program = join(import.meta.dirname, "..", "..", "..", "src", "cli", "load-test.ts");
  const child = spawn(process.execPath, [program, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { child, ended: ended.then(([out, errors, [code]]) => ({ out, errors, code: Number(code) })) };
}

/** Answers so many calls and none of those after them. */
async function startSlowServer(answering: number) {
  const body = JSON.stringify({ choices: [{ finish_reason: "stop" }] });
  const came: string[] = [];
  const server = createServer((request, response) => {
    came.push(request.url ?? "");
    if (came.length <= answering) response.end(body);
    request.resume();
    server.emit("call");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    reached: async (count: number) => {
      while (came.length < count) await once(server, "call");
    },
    close: () => server.close(),
  };
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

describe("npm run load-test", () => {
  it("shows a fallback: the first provider goes away and calls go on to the second", async () => {
    const options = ["--simulate", "--rate", "40", "--seconds", "2", "--kill-primary-at", "1", "--json"];
    const { out, errors, code } = await startLoadTest(...options).ended;
    expect({ errors, code }).toEqual({ errors: "", code: 0 });
    const figures: unknown = JSON.parse(out);
    expect(figures).toMatchObject({ rate: 40, seconds: 2, frontEnd: "http", sent: 80, notSent: 0 });
    expect(figures).toMatchObject({
      latencyMs: { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) },
    });
    // The first calls after the kill try the dead one before; then its breaker sends them straight to the other.
    expect(memberOf(figures, "fallbackShare")).toBeGreaterThan(0);
    const second = memberOf(memberOf(figures, "byProvider"), "anthropic");
    expect(second).toBeGreaterThan(0.2 * 80);
    expect(second).toBeLessThan(0.8 * 80);
  });

  it("prints what there is when it is interrupted", async () => {
    const answering = 5;
    const server = await startSlowServer(answering);
    const { child, ended } = startLoadTest("--url", server.url, "--rate", "50", "--seconds", "600");
    await server.reached(answering + 5);
    child.kill("SIGINT");
    const { out, errors, code } = await ended;
    server.close();
    expect({ errors, code }).toEqual({ errors: "", code: 0 });
    expect(out).toMatch(/^load +50 calls\/s for 600 s by http; sent late by /);
    const [, sent, failed] =
      /\ncalls +(\d+) sent, 5 answered whole, (\d+) failed, 0 not sent\n/.exec(out) ?? [];
    expect(Number(sent)).toBe(answering + Number(failed));
    expect(out).toMatch(new RegExp(`\\nerrors +unfinished ${failed}\\n`));
  });

  it("does not run against nobody, and says what to do", async () => {
    const { out, errors, code } = await startLoadTest("--url", "http://127.0.0.1:9").ended;
    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(errors).toBe(
      "The load test did not run: No gateway answers at 127.0.0.1:9 (ECONNREFUSED). Start one, or say --simulate.\n",
    );
  });

  it("tells what a gateway says of the calls that fail", async () => {
    const options = [
      "--url",
      simulation.httpUrl,
      "--model",
      "nobody/nothing",
      "--rate",
      "2",
      "--seconds",
      "1",
    ];
    const { out } = await startLoadTest(...options).ended;
    expect(out).toMatch(/\nerrors +invalid_request 2\n {13}invalid_request: .*nobody\/nothing/);
  });

  it("tells how it is used when it is asked", async () => {
    const { out, errors, code } = await startLoadTest("--help").ended;
    expect({ errors, code }).toEqual({ errors: "", code: 0 });
    expect(out).toMatch(/^Usage: /);
  });

  it("tells how it is used when it was told nonsense", async () => {
    const { errors, code } = await startLoadTest("--rate", "fast").ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/^--rate must be a whole number from 1 to 5000; found "fast"\.\n\nUsage: /);
  });
});
