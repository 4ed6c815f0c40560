// Every way to read a resumable stream up to a place, leave it there, and go on with it.

import { createClient, type Transport } from "@connectrpc/connect";
import { createClient as createSocketClient } from "graphql-ws";
import { WebSocket } from "ws";
import { type ChatEvent, ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { eventId, readPosition, wholeUpTo } from "../../../src/api/stream-position.ts";
import { hello } from "../../api/rpc/rpc-fixtures.ts";
import { rpcTransports } from "../../api/rpc/rpc-transports.ts";

/** What was read of a stream. */
export interface ReadPart {
  /** Behind what was read, as server-sent events tell it. */
  readonly position: string;
  readonly text: string;
  /** `finished` has come, or `[DONE]`. */
  readonly whole: boolean;
  /** The code of the error that it ended with. */
  readonly error?: string | undefined;
}

export interface Face {
  readonly name: string;
  /** Reads until its text has that many words, and leaves. */
  begin(words: number): Promise<ReadPart>;
  /** Reads what is left behind a position. */
  resume(position: string): Promise<ReadPart>;
}

interface Served {
  readonly httpPort: number;
  readonly grpcPort: number;
}

export interface Faces {
  readonly all: readonly Face[];
  close(): void;
}

const noCall = "none";

export function createFaces({ httpPort, grpcPort }: Served, key: string): Faces {
  const baseUrl = `http://127.0.0.1:${httpPort}`;
  const transports = rpcTransports(baseUrl, grpcPort);
  return {
    all: [
      ...transports.byName.map(([name, transport]) => rpcFace(name, transport, key)),
      openAiFace(baseUrl, key),
      graphqlFace(baseUrl, key),
      websocketFace(baseUrl.replace("http", "ws"), key),
    ],
    close: () => transports.close(),
  };
}

const wordsIn = (text: string): number => text.split(" ").length - 1;

async function readMessages(
  events: AsyncIterable<ChatEvent>,
  callId: string,
  words = Infinity,
): Promise<ReadPart> {
  let id = callId;
  let text = "";
  let sequence = -1;
  for await (const message of events) {
    sequence = Number(message.sequence);
    const { event } = message;
    if (event.case === "started") ({ id } = event.value);
    if (event.case === "partDelta") text += event.value.text;
    if (event.case === "finished" || wordsIn(text) >= words) {
      return { position: eventId({ callId: id, sequence }), text, whole: event.case === "finished" };
    }
  }
  return { position: noCall, text, whole: false };
}

function rpcFace(name: string, transport: Transport, key: string): Face {
  const client = createClient(ChatService, transport);
  const headers = { authorization: `Bearer ${key}` };

  return {
    name,
    async begin(words) {
      const left = new AbortController();
      const events = client.streamChat(hello({ resumable: true }), { headers, signal: left.signal });
      const part = await readMessages(events, noCall, words);
      left.abort();
      return part;
    },
    resume(position) {
      const { callId: id, ...at } = readPosition(position) ?? { callId: noCall, sequence: -1 };
      const afterSequence = BigInt(wholeUpTo({ callId: id, ...at }));
      return readMessages(client.resumeChat({ id, afterSequence }, { headers }), id);
    },
  };
}

/** The events of a response, one by one, until enough is read. */
async function readBlocks(response: Response, take: (block: string) => "more" | "enough"): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) if (take(block) === "enough") return;
  }
}

interface SentEvents {
  readonly name: string;
  readonly send: (headers: Record<string, string>, signal?: AbortSignal) => Promise<Response>;
  /** The text that an event's data adds to the answer. */
  readonly textOf: (data: string) => string;
  readonly isEnd: (data: string) => boolean;
}

function sentEventsFace({ name, send, textOf, isEnd }: SentEvents): Face {
  async function read(response: Response, before: string, words = Infinity): Promise<ReadPart> {
    let position = before;
    let text = "";
    let whole = false;
    let error: string | undefined;
    await readBlocks(response, (block) => {
      position = /^id: (.*)$/m.exec(block)?.[1] ?? position;
      const data = /^data: ?(.*)$/m.exec(block)?.[1] ?? "";
      error ??= /"code":"(\w+)"/.exec(data)?.[1];
      text += textOf(data);
      whole ||= isEnd(data);
      return wordsIn(text) >= words ? "enough" : "more";
    });
    return { position, text, whole, error };
  }

  return {
    name,
    async begin(words) {
      const left = new AbortController();
      const part = await read(await send({ "x-sluice-resumable": "1" }, left.signal), noCall, words);
      left.abort();
      return part;
    },
    async resume(position) {
      const response = await send({ "x-sluice-resumable": "1", "last-event-id": position });
      if (response.status === 200) return read(response, position);
      const text = await response.text();
      return { position, text: "", whole: false, error: /"code":"(\w+)"/.exec(text)?.[1] };
    },
  };
}

function openAiFace(baseUrl: string, key: string): Face {
  const body = JSON.stringify({
    model: "default",
    messages: [{ role: "user", content: "Hi" }],
    stream: true,
  });
  return sentEventsFace({
    name: "OpenAI",
    send: (headers, signal) =>
      fetch(`${baseUrl}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
        body,
        ...(signal === undefined ? {} : { signal }),
      }),
    textOf: (data) => jsonText(/"content":("(?:[^"\\]|\\.)*")/.exec(data)?.[1]),
    isEnd: (data) => data === "[DONE]",
  });
}

const jsonText = (json = '""'): string => String(JSON.parse(json));

const chatSubscription = /* GraphQL */ `
  subscription {
    chat(input: { messages: [{ role: USER, parts: [{ text: "Hi" }] }], resumable: true }) {
      __typename
      sequence
      ... on Started {
        id
      }
      ... on PartDelta {
        text
      }
    }
  }
`;

const resumeSubscription = /* GraphQL */ `
  subscription ($id: ID!, $afterSequence: Int) {
    resumeChat(id: $id, afterSequence: $afterSequence) {
      __typename
      sequence
      ... on PartDelta {
        text
      }
    }
  }
`;

const graphqlFace = (baseUrl: string, key: string): Face =>
  sentEventsFace({
    name: "GraphQL",
    send: (headers, signal) =>
      fetch(`${baseUrl}/graphql`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "text/event-stream",
          authorization: `Bearer ${key}`,
          ...headers,
        },
        body: JSON.stringify({ query: chatSubscription }),
        ...(signal === undefined ? {} : { signal }),
      }),
    textOf: (data) => jsonText(/"text":("(?:[^"\\]|\\.)*")/.exec(data)?.[1]),
    isEnd: (data) => data.includes(`"Finished"`),
  });

function websocketFace(baseUrl: string, key: string): Face {
  async function read(
    payload: { readonly query: string; readonly variables?: Record<string, unknown> },
    callId: string,
    words = Infinity,
  ): Promise<ReadPart> {
    const client = createSocketClient({
      url: `${baseUrl}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${key}` },
    });
    let id = callId;
    let text = "";
    try {
      for await (const result of client.iterate(payload)) {
        const data = JSON.stringify(result);
        id = /"id":"([\w-]+)"/.exec(data)?.[1] ?? id;
        text += jsonText(/"text":("(?:[^"\\]|\\.)*")/.exec(data)?.[1]);
        const whole = data.includes(`"Finished"`);
        const sequence = Number(/"sequence":(\d+)/.exec(data)?.[1]);
        const error = /"code":"(\w+)"/.exec(data)?.[1];
        if (whole || error !== undefined || wordsIn(text) >= words) {
          return { position: eventId({ callId: id, sequence }), text, whole, error };
        }
      }
    } finally {
      await client.dispose();
    }
    return { position: noCall, text, whole: false };
  }

  return {
    name: "graphql-ws",
    begin: (words) => read({ query: chatSubscription }, noCall, words),
    resume(position) {
      const { callId: id, ...at } = readPosition(position) ?? { callId: noCall, sequence: -1 };
      const variables = { id, afterSequence: wholeUpTo({ callId: id, ...at }) };
      return read({ query: resumeSubscription, variables }, id);
    },
  };
}
