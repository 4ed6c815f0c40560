// The baseline of JSON calls and of OpenAI's streams: a gateway in one file, as one writes it for a single provider.
// It checks the caller, parses what comes from both sides and makes what goes to both sides anew. It keeps no
// record, has no second target, and knows no vendor's format but OpenAI's.

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { askUpstream, eachRead } from "./baseline-upstream.ts";
import type { AskedChat, ToldChat, ToldChunk, ToldUsage } from "./openai-wire.ts";
import { question } from "./messages.ts";
import { createMeter, serveParent } from "./parent-process.ts";

const maxBodyBytes = 33_554_432;

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (response.headersSent) response.destroy();
    else sendJson(response, error instanceof Refusal ? error.status : 502, { error: { message } });
  });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST" || request.url !== "/v1/chat/completions")
    throw new Refusal(404, "not found");
  checkCaller(request);
  const asked = readAsked((await readBody(request)).toString());
  const body = await askUpstream(JSON.stringify(toUpstream(asked)));
  if (asked.stream !== true) {
    const told: ToldChat = JSON.parse(await body.text());
    sendJson(response, 200, toAnswer(told));
    return;
  }
  response.once("close", () => body.destroy());
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-request-id": randomUUID(),
  });
  const toText = chunkWriter(asked.stream_options?.include_usage === true);
  await eachRead(body, (chunks) => {
    const text = chunks.map(toText).join("");
    if (text === "" || response.write(text)) return;
    body.pause();
    response.once("drain", () => body.resume());
  });
  response.end("data: [DONE]\n\n");
}

// No key is asked of callers on this machine, and no web page may ask, as in the gateway without keys.
function checkCaller({ headers, socket }: IncomingMessage): void {
  const host = headers.host ?? "";
  const name = host.startsWith("[") ? host.slice(0, host.indexOf("]") + 1) : host.split(":")[0];
  const ofThisMachine = name === "127.0.0.1" || name === "localhost" || name === "[::1]";
  const near = socket.remoteAddress === "127.0.0.1" || socket.remoteAddress === "::1";
  if (!ofThisMachine || !near || headers.origin !== undefined) throw new Refusal(401, "no key");
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let length = 0;
    request.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length <= maxBodyBytes) pieces.push(piece);
      else reject(new Refusal(413, "too long"));
    });
    request.on("end", () =>
      resolve(pieces[0] !== undefined && pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)),
    );
    request.on("error", reject);
  });
}

function readAsked(text: string): AskedChat {
  let asked: AskedChat;
  try {
    asked = JSON.parse(text);
  } catch {
    throw new Refusal(400, "not JSON");
  }
  if (typeof asked.model !== "string" || asked.model === "") throw new Refusal(400, "model is needed");
  if (!Array.isArray(asked.messages) || asked.messages.length === 0)
    throw new Refusal(400, "messages are needed");
  for (const { role, content } of asked.messages) {
    if (typeof role !== "string") throw new Refusal(400, "a message needs a role");
    const said = typeof content === "string" || Array.isArray(content);
    if (!said && role !== "assistant") throw new Refusal(400, "a message needs content");
  }
  const { temperature = 1 } = asked;
  if (!(temperature >= 0 && temperature <= 2)) throw new Refusal(400, "temperature is 0 to 2");
  return asked;
}

const toUpstream = (asked: AskedChat): AskedChat => ({
  model: asked.model,
  messages: asked.messages.map(({ role, content, name, tool_calls, tool_call_id }) => ({
    role,
    content,
    name,
    tool_calls,
    tool_call_id,
  })),
  temperature: asked.temperature,
  top_p: asked.top_p,
  max_completion_tokens: asked.max_completion_tokens,
  stop: asked.stop,
  tools: asked.tools,
  ...(asked.stream === true ? { stream: true, stream_options: { include_usage: true } } : {}),
});

const createdSeconds = (): number => Math.floor(Date.now() / 1000);

const toAnswer = ({ model, choices, usage }: ToldChat): object => ({
  id: `chatcmpl-${randomUUID()}`,
  object: "chat.completion",
  created: createdSeconds(),
  model,
  choices: choices.map(({ index, message: { content, refusal, tool_calls }, finish_reason }) => ({
    index,
    message: { role: "assistant", content: content ?? null, refusal: refusal ?? null, tool_calls },
    logprobs: null,
    finish_reason,
  })),
  usage: usage === undefined ? undefined : toUsage(usage),
});

const toUsage = (usage: ToldUsage): ToldUsage => ({
  prompt_tokens: usage.prompt_tokens,
  completion_tokens: usage.completion_tokens,
  total_tokens: usage.total_tokens,
  prompt_tokens_details: { cached_tokens: usage.prompt_tokens_details?.cached_tokens },
  completion_tokens_details: { reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens },
});

/** Each chunk parsed and made anew: its text, as it goes to the caller. */
function chunkWriter(includeUsage: boolean): (chunk: ToldChunk) => string {
  const id = `chatcmpl-${randomUUID()}`;
  const created = createdSeconds();
  return ({ model, choices, usage }) => {
    if (choices.length === 0 && !includeUsage) return "";
    const chunk = {
      id,
      object: "chat.completion.chunk",
      created,
      model,
      choices: choices.map(({ index, delta: { role, content, refusal, tool_calls }, finish_reason }) => ({
        index,
        delta: { role, content, refusal, tool_calls },
        finish_reason,
      })),
      usage: !includeUsage ? undefined : usage ? toUsage(usage) : null,
    };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  };
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "x-request-id": randomUUID(),
  });
  response.end(text);
}

await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
if (address === null || typeof address === "string") throw new Error("The baseline has no port.");

serveParent({ ports: { http: address.port }, question, answer: createMeter() });
