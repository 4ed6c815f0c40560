// Calls that come at a constant rate, whatever becomes of those before. A call's time begins when it was due, so that
// one slow answer is seen in all that waited behind it.

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
  readonly #dueMs = new Map<Socket, number>();
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
    let sent = 0;
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      // Never asleep: a timer would be up to a millisecond late, and that would be on the gateway's account.
      const step = (): void => {
        const nowMs = performance.now();
        while (sent < this.#count && beganMs + sent * intervalMs <= nowMs) {
          const socket = this.#free.pop();
          if (socket === undefined) break;
          this.#call(socket, beganMs + sent * intervalMs);
          sent += 1;
        }
        if (this.#tookMs.length < this.#count) setImmediate(step);
        else resolve(this.#report(nowMs - beganMs));
      };
      step();
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #call(socket: Socket, dueMs: number): void {
    this.#dueMs.set(socket, dueMs);
    this.#lateMs.push(performance.now() - dueMs);
    socket.write(this.#request);
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
    this.#tookMs.push(performance.now() - (this.#dueMs.get(socket) ?? Number.NaN));
    const isExpected =
      answer.toString("latin1", 0, 12).endsWith(" 200") && answer.includes(this.#load.expect);
    if (isExpected) this.#free.push(socket);
    else this.#fail(new Error(`An answer is not the expected one: ${answer.toString().slice(0, 2_000)}`));
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
