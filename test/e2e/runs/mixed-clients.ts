// Clients of every front end and of the library, as chance has it: equal and other questions, keys, streams that are
// left and gone on with, deadlines, upstreams that fail.

import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { CallOptions } from "../../../src/core/call.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { type RpcTransports, rpcTransports } from "../../api/rpc/rpc-transports.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import { turn } from "../../support/turn.ts";
import type { ServedGateway } from "../served-gateway.ts";
import { graphql, post, userSays } from "./run-clients.ts";

/** 0 to 1, 1 excluded; the same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const apiKey = "key-of-the-tenant";
const hardNanos = 400_000_000n;
const tokensPerMinute = 400_000;

/** Who has a budget and limits, and comes by the library. */
export const held: Principal = (() => {
  const principal = limitedPrincipal(
    { tenant: { concurrentStreams: 12 }, key: { tokensPerMinute, concurrentStreams: 10 } },
    { tenantId: "held", apiKeyId: "key-held" },
  );
  const { grants } = principal;
  if (grants === undefined) throw new Error("no grants");
  return { ...principal, grants: { ...grants, tenant: { ...grants.tenant, budget: { hardNanos } } } };
})();

const faults = ["status:500", "reset:before", "reset:after", "cut:2", "cut:4", "quiet_end", "error_event:3"];

interface Wish {
  readonly text: string;
  readonly temperature: number;
  readonly key: string | undefined;
  readonly resumable: boolean;
  readonly timeoutMs: number;
  /** Absent: it stays. */
  readonly leavesAfterTurns: number | undefined;
}

/** So often whatever else is ready gets its turn. */
async function turns(count: number): Promise<void> {
  for (let taken = 0; taken < count; taken += 1) await turn();
}

async function leaveAfter(
  count: number | undefined,
  leaving: AbortController,
  done: AbortSignal,
): Promise<void> {
  if (count === undefined) return;
  for (let taken = 0; taken < count && !done.aborted; taken += 1) await turn();
  if (!done.aborted) leaving.abort();
}

export class MixedClients {
  /** What each of them came to; of errors the code. */
  readonly outcomes: string[] = [];
  /** Errors that are no answers of a gateway. */
  readonly strange: unknown[] = [];
  readonly #served: ServedGateway;
  readonly #random: () => number;
  readonly #transports: RpcTransports;
  readonly #rpc: readonly Client<typeof ChatService>[];
  readonly #name: string;
  #questions = 0;

  constructor(served: ServedGateway, { seed, name }: { readonly seed: number; readonly name: string }) {
    this.#served = served;
    this.#random = randomOf(seed);
    this.#name = name;
    this.#transports = rpcTransports(served.baseUrl, served.ports.grpcPort);
    this.#rpc = this.#transports.byName.map(([, transport]) => createClient(ChatService, transport));
  }

  close(): void {
    this.#transports.close();
  }

  /** One client, until it has its answer or has gone for good. */
  async ask(): Promise<void> {
    const wish = this.#wish();
    const leaving = new AbortController();
    const done = new AbortController();
    void leaveAfter(wish.leavesAfterTurns, leaving, done.signal);
    try {
      const face = this.#one([
        () => this.#library(wish, leaving.signal),
        () => this.#library(wish, leaving.signal),
        () => this.#openAi(wish, leaving.signal),
        () => this.#graphql(wish, leaving.signal),
        () => this.#callRpc(wish, leaving.signal),
      ]);
      this.outcomes.push(await face());
    } catch (error) {
      if (error instanceof GatewayError) this.outcomes.push(error.code);
      else if (leaving.signal.aborted) this.outcomes.push("left");
      else if (error instanceof ConnectError) this.outcomes.push(Code[error.code]);
      else this.strange.push(error);
    } finally {
      done.abort();
    }
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #upTo(most: number): number {
    return Math.floor(this.#random() * most);
  }

  #one<T>(of: readonly T[]): T {
    const one = of[this.#upTo(of.length)];
    if (one === undefined) throw new Error("of nothing");
    return one;
  }

  #wish(): Wish {
    const steered = `[demo tokens=${3 + this.#upTo(20)} delay=${this.#upTo(12)}`;
    const fault = this.#chance(0.3) ? ` fault=${this.#one(faults)} times=${1 + this.#upTo(3)}` : "";
    const shared = this.#chance(0.4);
    const question = shared ? this.#upTo(6) : this.#questions++;
    const text = shared
      ? `[demo tokens=12 delay=6${question % 3 === 0 ? " fault=status:500 times=2" : ""}] ${this.#name} same ${question}`
      : `${steered}${fault}] ${this.#name} own ${question}`;
    const key = this.#chance(0.4)
      ? `${this.#name}-${shared ? `s${question}` : `o${question - this.#upTo(3)}`}`
      : undefined;
    return {
      text,
      temperature: shared ? 0 : 1,
      key,
      resumable: this.#chance(0.35),
      timeoutMs: this.#chance(0.2) ? 20 + this.#upTo(150) : 2_500,
      leavesAfterTurns: this.#chance(0.35) ? this.#upTo(300) : undefined,
    };
  }

  async #library(
    { text, temperature, key, resumable, timeoutMs }: Wish,
    signal: AbortSignal,
  ): Promise<string> {
    const { gateway } = this.#served;
    const request: ChatRequest = {
      messages: [{ role: "user", parts: [{ type: "text", text }] }],
      sampling: { temperature },
    };
    const options: Partial<CallOptions> = {
      principal: held,
      idempotencyKey: key,
      resumable,
      timeoutMs,
      signal,
    };
    if (this.#chance(0.4)) {
      await gateway.chat(request, options);
      return "unary";
    }
    const reply = await gateway.stream(request, options);
    const stopsAfter = this.#chance(0.3) ? this.#upTo(8) : Infinity;
    let sequence = -1;
    const quietly = this.#chance(0.1);
    // One who never reads: its signal or deadline ends it.
    if (quietly && (timeoutMs < 1_000 || this.#chance(0.5))) return "unread";
    try {
      for await (const event of reply.events) {
        if (event.sequence !== sequence + 1)
          this.strange.push(new Error(`${sequence} then ${event.sequence}`));
        ({ sequence } = event);
        if (sequence >= stopsAfter) break;
        if (this.#chance(0.05)) await turns(this.#upTo(300));
      }
    } catch (error) {
      if (!resumable || !this.#chance(0.8)) throw error;
    }
    if (!resumable || !this.#chance(0.8)) return "streamed";
    await turns(this.#upTo(1_000));
    const rest = await gateway.resume(reply.meta.requestId, sequence, { principal: held });
    for await (const event of rest.events) {
      if (event.sequence !== sequence + 1)
        this.strange.push(new Error(`resumed ${sequence} then ${event.sequence}`));
      ({ sequence } = event);
    }
    return "resumed";
  }

  async #openAi({ text, temperature, key, resumable }: Wish, signal: AbortSignal): Promise<string> {
    const stream = this.#chance(0.6);
    const response = await post(this.#served.baseUrl, {
      path: "/v1/chat/completions",
      body: { stream, temperature, messages: [{ role: "user", content: text }] },
      headers: this.#headers(key, resumable),
      signal,
    });
    const body = await response.text();
    if (response.status !== 200) return String(response.status);
    if (!stream) return "openai";
    const id = response.headers.get("x-sluice-request-id");
    if (!resumable || !this.#chance(0.5)) return "openai stream";
    const again = await post(this.#served.baseUrl, {
      path: "/v1/chat/completions",
      body: { stream, temperature, messages: [{ role: "user", content: text }] },
      headers: { ...this.#headers(undefined, true), "last-event-id": `${id}:${this.#upTo(5)}` },
    });
    await again.text();
    if (body.length === 0) this.strange.push(new Error("an empty stream"));
    return `openai resumed ${again.status}`;
  }

  async #graphql({ text, temperature, key, resumable }: Wish, signal: AbortSignal): Promise<string> {
    const input = {
      messages: [{ role: "USER", parts: [{ text }] }],
      sampling: { temperature },
      resumable,
      ...(key === undefined ? {} : { idempotencyKey: key }),
    };
    const streamed = this.#chance(0.5);
    const query = streamed
      ? "subscription ($input: ChatInput!) { chat(input: $input) { kind: __typename sequence } }"
      : "mutation ($input: ChatInput!) { chat(input: $input) { id } }";
    const response = await post(this.#served.baseUrl, {
      ...graphql(query, { input }),
      headers: { ...this.#headers(undefined, false), ...(streamed ? { accept: "text/event-stream" } : {}) },
      signal,
    });
    const body = await response.text();
    if (body.includes("GRAPHQL_VALIDATION_FAILED")) this.strange.push(new Error(body));
    return /"code":"(\w+)"/.exec(body)?.[1] ?? "graphql";
  }

  async #callRpc(
    { text, temperature, key, resumable, timeoutMs }: Wish,
    signal: AbortSignal,
  ): Promise<string> {
    const client = this.#one(this.#rpc);
    const request = {
      messages: userSays(text),
      sampling: { temperature },
      resumable,
      idempotencyKey: key ?? "",
    };
    const options = { headers: this.#headers(undefined, false), signal, timeoutMs };
    if (this.#chance(0.4)) {
      await client.chat(request, options);
      return "rpc";
    }
    const stopsAfter = this.#chance(0.3) ? this.#upTo(8) : Infinity;
    let events = 0;
    let id = "";
    for await (const { event } of client.streamChat(request, options)) {
      if (event.case === "started") ({ id } = event.value);
      if ((events += 1) >= stopsAfter) break;
    }
    if (!resumable || id === "") return "rpc stream";
    for await (const _ of client.resumeChat(
      { id, afterSequence: BigInt(events - 1) },
      { headers: this.#headers(undefined, false) },
    )) {
      // To its end.
    }
    return "rpc resumed";
  }

  #headers(key: string | undefined, resumable: boolean): Record<string, string> {
    return {
      authorization: `Bearer ${apiKey}`,
      ...(key === undefined ? {} : { "idempotency-key": key }),
      ...(resumable ? { "x-sluice-resumable": "1" } : {}),
    };
  }
}
