// The GraphQL front end on a real port over scripted providers, and real clients for it.

import type { RawData } from "ws";
import { createGraphqlFrontEnd } from "../../../src/api/graphql/graphql-front-end.ts";
import { startHttpServer } from "../../../src/api/http-server.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createTestGateway, type ReadableLedger } from "../../support/test-gateway.ts";

/** A result as it stands on the wire. */
export interface WireResult {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly WireError[];
}

interface WireError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    readonly code: string;
    readonly http: { readonly status: number };
    readonly field?: string;
    readonly requestId?: string;
    readonly retryAfterMs?: number;
    readonly attempts?: readonly Record<string, unknown>[];
    readonly meta?: Record<string, unknown>;
  };
}

export interface ServedGraphql {
  readonly url: string;
  readonly websocketUrl: string;
  readonly ledger: ReadableLedger;
  post(body: unknown, headers?: Record<string, string>): Promise<{ response: Response; result: WireResult }>;
  subscribe(body: unknown, options?: { signal?: AbortSignal }): Promise<Response>;
  close(): Promise<void>;
}

export async function serveGraphql(
  options: Parameters<typeof createTestGateway>[0] & {
    readonly maxBodyBytes?: number;
    readonly frontEndClock?: Clock;
    /** For a gateway of another behaviour than the core's. */
    readonly change?: (gateway: Gateway) => Gateway;
  },
): Promise<ServedGraphql> {
  const made = createTestGateway({ clock: systemClock, ...options });
  const { ledger } = made;
  const gateway = options.change?.(made.gateway) ?? made.gateway;
  const clock = options.frontEndClock ?? systemClock;
  const frontEnd = createGraphqlFrontEnd({ gateway, maxBodyBytes: options.maxBodyBytes ?? 1_048_576, clock });
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    frontEnds: [frontEnd],
    clock: systemClock,
  });
  const url = `http://127.0.0.1:${server.port}/graphql`;
  const send = (body: unknown, init: { headers?: Record<string, string>; signal?: AbortSignal }) =>
    fetch(url, {
      method: "POST",
      body: typeof body === "string" || body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
      headers: { "content-type": "application/json", ...init.headers },
      ...(init.signal === undefined ? {} : { signal: init.signal }),
    });
  return {
    url,
    websocketUrl: url.replace("http", "ws"),
    ledger,
    async post(body, headers = {}) {
      const response = await send(body, { headers: { accept: "application/json", ...headers } });
      return { response, result: parseResult(await response.text()) };
    },
    subscribe: (body, { signal } = {}) =>
      send(body, { headers: { accept: "text/event-stream" }, ...(signal === undefined ? {} : { signal }) }),
    async close() {
      await gateway.close();
      await server.close();
    },
  };
}

const parseResult = (text: string): WireResult => JSON.parse(text);

export interface SentEvent {
  readonly event: string;
  readonly data: string;
}

/** Server-sent events one by one; comments as events named `:`. */
export async function* readEvents(response: Response): AsyncGenerator<SentEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    yield* blocks.map(toEvent);
  }
}

function toEvent(block: string): SentEvent {
  if (block.startsWith(":")) return { event: ":", data: block };
  const [, event = "", data = ""] = /^event: (\w+)\ndata: ?(.*)$/.exec(block) ?? [];
  return { event, data };
}

/** The results of a whole event stream, which must end with `complete`. */
export async function readResults(response: Response): Promise<WireResult[]> {
  const events: SentEvent[] = [];
  for await (const event of readEvents(response)) events.push(event);
  const last = events.pop();
  if (last?.event !== "complete") throw new Error(`The stream ended with ${JSON.stringify(last)}.`);
  return events.map(({ data }) => parseResult(data));
}

/** A websocket's message as text. */
export const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString() : "");

export const helloInput = { model: "auto", messages: [{ role: "USER", parts: [{ text: "Hello" }] }] };

export const wholeSubscription = /* GraphQL */ `
  subscription ($input: ChatInput!) {
    chat(input: $input) {
      __typename
      sequence
      ... on Started {
        id
        provider
        model
        createdAt
        meta {
          ...metaFields
        }
      }
      ... on PartStarted {
        index
        kind
        tool {
          id
          name
        }
        citation {
          url
          title
          citedText
          raw
        }
        image {
          data
          url
          mediaType
        }
        opaque {
          vendor
          type
          json
        }
      }
      ... on PartDelta {
        index
        text
        logprobs
      }
      ... on PartFinished {
        index
        signature
        redactedData
        vendor
      }
      ... on Usage {
        input {
          total
          uncached
          cacheRead
          cacheWrite
        }
        output {
          total
          text
          reasoning
        }
        source
      }
      ... on Finished {
        reason
        rawReason
        stopSequence
        meta {
          ...metaFields
        }
      }
    }
  }
  fragment metaFields on ReplyMeta {
    requestId
    correlationId
    provider
    model
    modelServed
    route
    attempts
    cacheStatus
    latencyMs
    costNanos
    losses {
      field
      detail
    }
  }
`;

export const shortSubscription = /* GraphQL */ `
  subscription ($input: ChatInput!) {
    chat(input: $input) {
      __typename
      sequence
      ... on PartDelta {
        text
      }
      ... on Finished {
        reason
      }
    }
  }
`;

export const chatMutation = /* GraphQL */ `
  mutation ($input: ChatInput!) {
    chat(input: $input) {
      id
      provider
      model
      createdAt
      text
      parts {
        kind
        text
        reasoning {
          text
          signature
          redactedData
          vendor
        }
        refusal
        toolCall {
          id
          name
          argumentsJson
          signature
          vendor
        }
        citation {
          url
          title
          citedText
          raw
        }
        image {
          data
          url
          mediaType
        }
        opaque {
          vendor
          type
          json
        }
        logprobs
      }
      finishReason
      rawReason
      stopSequence
      usage {
        input {
          total
          uncached
          cacheRead
          cacheWrite
        }
        output {
          total
          text
          reasoning
        }
        source
      }
      meta {
        requestId
        provider
        model
        modelServed
        route
        attempts
        cacheStatus
        latencyMs
        costNanos
        losses {
          field
          detail
        }
      }
    }
  }
`;
