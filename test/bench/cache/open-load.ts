// Calls that come at a constant rate, whatever becomes of those before: a call that finds no connection free waits for
// one, and its time runs, so that a slow answer is seen in all that waited behind it.

import { connect, type Socket } from "node:net";
import { HttpMessages } from "../http-messages.ts";
import { quantile } from "../statistics.ts";
import type { OpenLoad, OpenLoadReport } from "./open-load-messages.ts";

export async function arriveOpenly(load: OpenLoad): Promise<OpenLoadReport> {
  const callers = new Callers(load);
  try {
    await callers.connect();
    return await callers.callAll();
  } finally {
    callers.close();
  }
}

class Callers {
  readonly #load: OpenLoad;
  readonly #request: Buffer;
  readonly #count: number;
  readonly #sockets: Socket[] = [];
  readonly #free: Socket[] = [];
  /** When each call came that has no connection yet. */
  readonly #waiting: number[] = [];
  /** When the call came that a connection has now. */
  readonly #cameMs = new Map<Socket, number>();
  readonly #tookMs: number[] = [];
  readonly #lateMs: number[] = [];
  #fail: (error: Error) => void = () => {};

  constructor(load: OpenLoad) {
    this.#load = load;
    const { port, path, body, callsPerSecond, durationMs } = load;
    const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json`;
    this.#request = Buffer.from(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    this.#count = Math.round((callsPerSecond * durationMs) / 1_000);
  }

  async connect(): Promise<void> {
    await Promise.all(Array.from({ length: this.#load.connections }, () => this.#connectOne()));
  }

  callAll(): Promise<OpenLoadReport> {
    const intervalMs = 1_000 / this.#load.callsPerSecond;
    const beganMs = performance.now();
    let come = 0;
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      // Once a millisecond. To look without a pause would take a processor from the gateway, and be less late.
      const look = (): void => {
        const nowMs = performance.now();
        for (; come < this.#count && beganMs + come * intervalMs <= nowMs; come += 1) {
          this.#lateMs.push(nowMs - (beganMs + come * intervalMs));
          this.#waiting.push(nowMs);
        }
        this.#callWaiting();
        if (this.#tookMs.length < this.#count) setTimeout(look, 1);
        else resolve(this.#report(nowMs - beganMs));
      };
      look();
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #callWaiting(): void {
    while (this.#waiting.length > 0) {
      const socket = this.#free.pop();
      if (socket === undefined) return;
      this.#cameMs.set(socket, this.#waiting.shift() ?? Number.NaN);
      socket.write(this.#request);
    }
  }

  #connectOne(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#load.port, host: "127.0.0.1", noDelay: true }, () => {
        this.#free.push(socket);
        resolve();
      });
      this.#sockets.push(socket);
      const messages = new HttpMessages((answer) => this.#answered(socket, answer));
      socket.on("data", (piece: Buffer) => messages.feed(piece));
      socket.on("error", (error) => {
        reject(error);
        this.#fail(error);
      });
      socket.on("end", () => this.#fail(new Error("The gateway closed a connection.")));
    });
  }

  #answered(socket: Socket, answer: Buffer): void {
    this.#tookMs.push(performance.now() - (this.#cameMs.get(socket) ?? Number.NaN));
    const isExpected =
      answer.toString("latin1", 0, 12).endsWith(" 200") && answer.includes(this.#load.expect);
    if (!isExpected) {
      this.#fail(new Error(`An answer is not the expected one: ${answer.toString().slice(0, 2_000)}`));
      return;
    }
    this.#free.push(socket);
    this.#callWaiting();
  }

  #report(wallMs: number): OpenLoadReport {
    return {
      tell: "arrived",
      calls: this.#count,
      wallMs,
      tookMs: quantilesOf(this.#tookMs),
      lateMs: quantilesOf(this.#lateMs),
    };
  }
}

const quantilesOf = (values: readonly number[]): OpenLoadReport["tookMs"] => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  max: quantile(values, 1),
});
