/** From a request to its answer: which vendor, who may ask, which model, which fault. */
import type { IncomingMessage } from "node:http";

import { anthropicVendor } from "./anthropic-vendor.ts";
import { lastUserText, Refusal } from "./demo-request.ts";
import { parseDirective } from "./directive.ts";
import { embed } from "./embed.ts";
import { readBody, type Exchange } from "./exchange.ts";
import { geminiVendor } from "./gemini-vendor.ts";
import type { ReceivedRequest, Writable } from "./observations.ts";
import { openaiVendor } from "./openai-vendor.ts";
import { sendStream } from "./send-stream.ts";
import { sendJson, sendRefusal, strikeFirst, type Stage } from "./send-whole.ts";
import { planAnswer } from "./script.ts";
import { faultFor, findModel, servedAs, type AnsweringOptions, type Turn } from "./turn.ts";
import type { AnswerContext, Vendor, VendorRequest } from "./vendor.ts";
import type { Address } from "./address.ts";

export interface Visit {
  readonly request: IncomingMessage;
  readonly exchange: Exchange;
  readonly record: Writable<ReceivedRequest>;
  /** The body is read, and stands in `record`. */
  readonly arrived: () => void;
}

const maxBodyBytes = 32 * 1024 * 1024;
const maxRecordedBytes = 256 * 1024;
const vendors: readonly Vendor[] = [openaiVendor, anthropicVendor, geminiVendor];

/** The answer to one request; it ends when nothing more is to be sent, and never rejects. */
export type Answering = (visit: Visit) => Promise<void>;

export function createAnswering(options: AnsweringOptions): Answering {
  return async (visit) => {
    const { request, exchange, record } = visit;
    const vendor = vendorOf(record);
    const requestId = vendor.newRequestId(options.ids);
    const stage: Stage = {
      exchange,
      vendor,
      requestId,
      headers: vendor.headers(requestId),
      eventsSent: (count) => (record.eventsSent += count),
    };
    try {
      const bytes = await readBody(request, maxBodyBytes);
      const body = bytes === undefined ? undefined : parseJson(bytes);
      if (bytes !== undefined && bytes.length <= maxRecordedBytes) record.body = body;
      visit.arrived();
      const fault = options.faults.next();
      if (await strikeFirst(stage, fault)) return;
      if (bytes === undefined) sendRefusal(stage, vendor.statusRefusal(413), { connection: "close" });
      else await answer({ options, stage, record, address: addressOf(request), body, fault });
    } catch (error) {
      if (exchange.closed) return;
      if (error instanceof Refusal) return sendRefusal(stage, error);
      const message = `The demo upstream itself failed: ${error instanceof Error ? error.message : "unknown"}`;
      if (exchange.started) await exchange.breakOff("fin");
      else sendRefusal(stage, new Refusal({ status: 500, message }));
    }
  };
}

async function answer(turn: Turn): Promise<void> {
  const { options, stage, record, address, body, fault } = turn;
  const { vendor } = stage;
  const { method, path } = record;
  const { modelsPath } = vendor;
  vendor.admit(record.headers, options.apiKey, address.query);
  if (method === "GET" && (path === modelsPath || path.startsWith(`${modelsPath}/`))) {
    return sendJson(stage, modelsBody(options, vendor, path), { delayMs: 0, fault });
  }
  const { embeddings } = vendor;
  const embeddingPath = embeddings?.pathOf(address);
  const chatPath = embeddingPath === undefined ? vendor.chatOf(address) : undefined;
  if (method !== "POST") throw vendor.unknownPath(method, path);
  if (embeddings !== undefined && embeddingPath !== undefined) {
    if (body === undefined) throw vendor.malformedBody();
    return embed(turn, embeddings, embeddings.readRequest(body, embeddingPath));
  }
  if (chatPath === undefined) throw vendor.unknownPath(method, path);
  if (body === undefined) throw vendor.malformedBody();
  await chat(turn, vendor.readRequest(body, chatPath));
}

async function chat(turn: Turn, request: VendorRequest): Promise<void> {
  const { options, stage } = turn;
  const { vendor } = stage;
  const model = findModel(options.models, request.model, options);
  if (model === undefined) {
    const embeds = findModel(options.embeddingModels, request.model, options) !== undefined;
    throw (
      (embeds ? vendor.embeddings?.noChats(request.model) : undefined) ?? vendor.unknownModel(request.model)
    );
  }
  const written = lastUserText(request);
  const prompt = parseDirective(written);
  const { filter, delayMs = options.tokenDelayMs } = prompt.directive;
  const struck = faultFor(turn, { written, directive: prompt.directive, model, asked: request.model });
  if (turn.fault === undefined && (await strikeFirst(stage, struck))) return;
  if (filter === "prompt" && vendor.filteredPrompt !== undefined) throw vendor.filteredPrompt();
  const context: AnswerContext = {
    request,
    answer: planAnswer(request, prompt),
    prompt: options.memory.measure(request),
    servedModel: servedAs(model, options),
    createdSeconds: Math.floor(options.now() / 1000),
    includeUsage: request.includeUsage,
    ids: options.ids,
  };
  if (request.stream) return sendStream(stage, vendor.events(context), { delayMs, fault: struck });
  const wholeDelayMs = delayMs * context.answer.outputTokens;
  return sendJson(stage, vendor.reply(context), { delayMs: wholeDelayMs, fault: struck });
}

function modelsBody(options: AnsweringOptions, vendor: Vendor, path: string): string {
  const createdSeconds = 1_767_225_600;
  const embedding = vendor.embeddings === undefined ? [] : options.embeddingModels;
  const models = [
    ...options.models.map((id) => ({ id, createdSeconds, embeds: false })),
    ...embedding.map((id) => ({ id, createdSeconds, embeds: true })),
  ];
  const { modelsPath } = vendor;
  if (path === modelsPath) return vendor.listModels(models);
  const name = path.slice(modelsPath.length + 1);
  const model = models.find(({ id }) => name === id || name === encodeURIComponent(id));
  if (model === undefined) throw vendor.unknownModel(name);
  return vendor.describeModel(model);
}

/** A client is known by its path, else by a header; all others are taken for OpenAI's. */
function vendorOf({ path, headers }: ReceivedRequest): Vendor {
  return (
    vendors.find(({ ownPaths }) => ownPaths.some((own) => path.startsWith(own))) ??
    vendors.find(({ ownHeader }) => ownHeader !== undefined && headers[ownHeader] !== undefined) ??
    openaiVendor
  );
}

function addressOf({ url = "/" }: IncomingMessage): Address {
  const [path = "", ...query] = url.split("?");
  return { path, query: new URLSearchParams(query.join("?")) };
}

/** Undefined when it is none; `null` is a JSON value too. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
