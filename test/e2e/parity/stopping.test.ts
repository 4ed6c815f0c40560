// A stop by every front end: open calls end whole, or with `unavailable` when their time is over.

import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { stopGracefully } from "../../../src/stop-gracefully.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createReadableLedger } from "../../support/test-gateway.ts";
import type { Delivery, Outcome } from "./client.ts";
import { comparable, shownBy } from "./comparable.ts";
import { type ParityGateway, startGateway } from "./parity-gateway.ts";

const delayMs = 5_000;
const timeoutMs = 30_000;

const hello: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

let parity: ParityGateway;
afterEach(() => parity.close());

interface Stop {
  readonly ended: Promise<void>;
  readonly clock: ManualClock;
  readonly warnings: string[];
}

function stop(): Stop {
  const { gateway, ports } = parity;
  const clock = createManualClock();
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  return { ended: stopGracefully({ gateway, ports, clock, delayMs, timeoutMs, warn }), clock, warnings };
}

/** Passes the delay, and what happens at once after it. */
async function passDelay({ clock }: Stop): Promise<void> {
  clock.advance(delayMs);
  await new Promise(setImmediate);
}

/** A call by every client; a stream's has come to its content. */
async function callAll(delivery: Delivery): Promise<Promise<Outcome>[]> {
  const contents: Promise<void>[] = [];
  const answers = parity.clients.map((client) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    contents.push(promise);
    return client[delivery](hello, { onContent: resolve });
  });
  if (delivery === "stream") await Promise.all(contents);
  return answers;
}

async function readyStatus(): Promise<number> {
  return (await fetch(`${parity.baseUrl}/ready`)).status;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

test("for the time of the delay it says that it is not ready, and serves whoever comes", async () => {
  parity = await startGateway({ openai: createScriptedProvider(textScript("Good morning")) });
  expect(await readyStatus()).toBe(200);
  const stopping = stop();
  expect(await readyStatus()).toBe(503);
  for (const delivery of ["chat", "stream"] as const) {
    for (const outcome of await Promise.all(await callAll(delivery))) {
      expect(outcome).toMatchObject({ text: "Good morning", finishReason: "stop" });
    }
  }
  await passDelay(stopping);
  const { httpPort, grpcPort } = parity.ports;
  expect([await accepts(httpPort), await accepts(grpcPort)]).toEqual([false, false]);
  await expect(parity.gateway.chat(hello)).rejects.toMatchObject({
    code: "unavailable",
    retryAfterMs: 1_000,
  });
  await stopping.ended;
});

test("streams that are open end whole, and the stop with the last of them", async () => {
  const gate = Promise.withResolvers<void>();
  const { steps } = textScript("Good morning");
  const ledger = createReadableLedger();
  const openai = createScriptedProvider({ steps: [...steps.slice(0, 3), gate.promise, ...steps.slice(3)] });
  parity = await startGateway({ openai, ledger });
  const answers = await callAll("stream");
  const stopping = stop();
  await passDelay(stopping);
  stopping.clock.advance(timeoutMs - 1);
  gate.resolve();
  for (const [i, outcome] of (await Promise.all(answers)).entries()) {
    expect(outcome, parity.clients[i]?.name).toMatchObject({
      text: "Good morning",
      finishReason: "stop",
      error: undefined,
    });
  }
  await stopping.ended;
  expect(stopping.warnings).toEqual([]);
  expect(ledger.settled.map(({ status }) => status)).toEqual(parity.clients.map(() => "ok"));
});

test.each(["chat", "stream"] as const)(
  "%s: what is open when the time is over ends with unavailable",
  async (delivery) => {
    parity = await startGateway();
    const { openai } = parity.upstreams;
    openai.setFault({ kind: "hang", at: delivery === "chat" ? "before_headers" : { afterEvents: 8 } });
    const answers = await callAll(delivery);
    await openai.waitUntil(({ received }) => received === parity.clients.length);
    const stopping = stop();
    await passDelay(stopping);
    stopping.clock.advance(timeoutMs - 1);
    expect(openai.openRequests).toBe(parity.clients.length);
    stopping.clock.advance(1);
    const outcomes = await Promise.all(answers);
    await stopping.ended;
    expect(stopping.warnings).toEqual([
      "What was still open after 30 s is ended now. SHUTDOWN_TIMEOUT_SECONDS gives more time.",
    ]);
    const [library] = outcomes;
    if (library === undefined) throw new Error("There is no library.");
    expect(library.error).toMatchObject({ code: "unavailable", retryAfterMs: 1_000 });
    for (const [i, { name }] of parity.clients.entries()) {
      const outcome = outcomes[i];
      expect(outcome && comparable(outcome), name).toEqual(shownBy(library, { client: name }));
    }
  },
);

test("a request that does not come whole is cut when the time is over", async () => {
  parity = await startGateway();
  const socket = connect(parity.ports.httpPort, "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(
    "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n" +
      "content-type: application/json\r\ncontent-length: 100\r\n\r\n",
  );
  // It is told to go on.
  await once(socket, "data");
  const stopping = stop();
  await passDelay(stopping);
  stopping.clock.advance(timeoutMs);
  await stopping.ended;
  await closed;
});

test("what cannot stop its ports writes its records all the same, and says what went wrong", async () => {
  parity = await startGateway();
  let closed = 0;
  const gateway = {
    ...parity.gateway,
    close: () => {
      closed += 1;
      return parity.closeGateway();
    },
  };
  const fault = new Error("no port");
  const ports = { ...parity.ports, drain: () => Promise.reject(fault) };
  const clock = createManualClock();
  const ended = stopGracefully({ gateway, ports, clock, delayMs: 0, timeoutMs, warn() {} });
  await expect(ended).rejects.toBe(fault);
  expect(closed).toBe(1);
  expect(clock.pendingTimers).toBe(0);
});
