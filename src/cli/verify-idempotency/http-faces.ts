// OpenAI's API, whole and streamed, its embeddings, and /infer.

import type { IncomingMessage } from "node:http";
import { createEventBlocks, dataOfBlock } from "../event-blocks.ts";
import { memberOf, parsedJson, textOf } from "../json-member.ts";
import { createPosting, type Posting, wholeText } from "../post-json.ts";
import {
  type Face,
  type FaceAnswer,
  type FaceGroup,
  type FaceOptions,
  given,
  headersOf,
  neverRejecting,
  prompt,
  refused,
  timeoutMs,
} from "./face.ts";

interface HttpFace {
  readonly name: string;
  readonly path: string;
  readonly body: object;
  /** Undefined: it is not whole. */
  readonly text: (answer: string) => string | undefined;
}

export function createHttpFaces(
  options: FaceOptions & { readonly embeddingModel: string | undefined },
): FaceGroup {
  const postings: Posting[] = [];
  const faceOf = (face: HttpFace): Face => {
    const posting = createPosting(new URL(face.path, options.url), {
      "content-type": "application/json",
      ...headersOf(options.apiKey),
    });
    postings.push(posting);
    const body = JSON.stringify(face.body);
    return { name: face.name, ask: (key) => neverRejecting(() => ask({ posting, body, face, key })) };
  };
  return {
    faces: facesFor(options).map((face) => faceOf(face)),
    close() {
      for (const posting of postings) posting.close();
    },
  };
}

function facesFor({
  model,
  embeddingModel,
}: {
  readonly model: string | undefined;
  readonly embeddingModel: string | undefined;
}): readonly HttpFace[] {
  const messages = [{ role: "user", content: prompt }];
  const path = "/v1/chat/completions";
  const chats: readonly HttpFace[] = [
    { name: "OpenAI JSON", path, body: { model, messages }, text: completionText },
    { name: "OpenAI SSE", path, body: { model, messages, stream: true }, text: streamedText },
    { name: "/infer", path: "/infer", body: { model, prompt }, text: inferredText },
  ];
  if (embeddingModel === undefined) return chats;
  const body = { model: embeddingModel, input: prompt };
  return [...chats, { name: "embeddings", path: "/v1/embeddings", body, text: embeddedText }];
}

interface Asking {
  readonly posting: Posting;
  readonly body: string;
  readonly face: HttpFace;
  readonly key: string;
}

async function ask({ posting, body, face, key }: Asking): Promise<FaceAnswer> {
  const answer = await posting.post(body, AbortSignal.timeout(timeoutMs), { "idempotency-key": key });
  const text = await wholeText(answer);
  if (answer.statusCode !== 200) return refused(saidIn(text, answer.statusCode));
  return given(callIdOf(answer), face.text(text));
}

const callIdOf = ({ headers }: IncomingMessage): string | undefined => textOf(headers["x-sluice-request-id"]);

function saidIn(text: string, status: number | undefined): string {
  const error = memberOf(parsedJson(text), "error");
  const code = textOf(memberOf(error, "code")) ?? `HTTP ${status ?? 0}`;
  return `${code}: ${textOf(memberOf(error, "message")) ?? "nothing more was said"}`;
}

const completionText = (answer: string): string | undefined =>
  textOf(memberOf(parsedJson(answer), "choices", 0, "message", "content"));

const inferredText = (answer: string): string | undefined => textOf(memberOf(parsedJson(answer), "output"));

function embeddedText(answer: string): string | undefined {
  const vector = memberOf(parsedJson(answer), "data", 0, "embedding");
  return Array.isArray(vector) ? JSON.stringify(vector) : undefined;
}

function streamedText(answer: string): string | undefined {
  let text = "";
  for (const block of createEventBlocks().push(answer)) {
    const data = dataOfBlock(block);
    if (data === "[DONE]") return text;
    if (data === undefined) continue;
    text += textOf(memberOf(parsedJson(data), "choices", 0, "delta", "content")) ?? "";
  }
  return undefined;
}
