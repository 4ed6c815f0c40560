// A chat's events in JSON: as callers get them, and as providers yield them.

import { isJsonObject } from "../json.ts";
import { eventJson, type JsonForm, objectOf, oneOf, optional } from "../json-form.ts";
import { anyJson, exactly, finiteNumber, text, wholeNumber, wordOf } from "../json-values.ts";
import { lossesForm, replyMetaForm } from "../reply-json.ts";
import type {
  ChatEvent,
  Citation,
  Finished,
  FinishReason,
  PartDelta,
  PartFinished,
  PartStart,
  PartStarted,
  ProviderChatEvent,
  ProviderFinished,
  ProviderStarted,
  Seam,
  SeamPolicy,
  Started,
  UsageTold,
} from "./events.ts";
import type { MediaSource } from "./request.ts";
import { usageForm } from "./usage-json.ts";

type Source<Name extends "data" | "url"> = Extract<MediaSource, { readonly [N in Name]: string }>;

const dataForm = objectOf<Source<"data">>({ data: text, mediaType: text });
const urlForm = objectOf<Source<"url">>({ url: text, mediaType: optional(text) });

const sourceForm: JsonForm<MediaSource> = {
  write: (source) => ("data" in source ? dataForm.write(source) : urlForm.write(source)),
  read: (json) =>
    isJsonObject(json) && Object.hasOwn(json, "data") ? dataForm.read(json) : urlForm.read(json),
};

type Start<Kind extends PartStart["kind"]> = Extract<PartStart, { readonly kind: Kind }>;

const startForm = oneOf<PartStart, "kind">("kind", {
  text: objectOf<Start<"text">>({ kind: exactly("text") }),
  reasoning: objectOf<Start<"reasoning">>({ kind: exactly("reasoning") }),
  refusal: objectOf<Start<"refusal">>({ kind: exactly("refusal") }),
  tool_call: objectOf<Start<"tool_call">>({ kind: exactly("tool_call"), id: text, name: text }),
  citation: objectOf<Start<"citation">>({
    kind: exactly("citation"),
    citation: objectOf<Citation>({
      url: optional(text),
      title: optional(text),
      citedText: optional(text),
      raw: anyJson,
    }),
  }),
  image: objectOf<Start<"image">>({ kind: exactly("image"), source: sourceForm }),
  opaque: objectOf<Start<"opaque">>({ kind: exactly("opaque"), vendor: text, type: text, json: anyJson }),
});

/** The same on both sides of the core. */
const between = {
  part_started: objectOf<PartStarted>({ type: exactly("part_started"), index: wholeNumber, part: startForm }),
  part_delta: objectOf<PartDelta>({
    type: exactly("part_delta"),
    index: wholeNumber,
    text,
    logprobs: optional(anyJson),
  }),
  part_finished: objectOf<PartFinished>({
    type: exactly("part_finished"),
    index: wholeNumber,
    signature: optional(text),
    redactedData: optional(text),
    vendor: optional(text),
  }),
  usage: objectOf<UsageTold>({ type: exactly("usage"), usage: usageForm }),
};

const finishedMembers = {
  type: exactly("finished"),
  reason: wordOf<FinishReason>({ stop: 0, length: 0, tool_calls: 0, content_filter: 0, refusal: 0 }),
  rawReason: optional(text),
  stopSequence: optional(text),
};

export const chatEventJson = eventJson(
  oneOf<ChatEvent, "type">("type", {
    ...between,
    started: objectOf<Started>({
      type: exactly("started"),
      id: text,
      provider: text,
      model: text,
      createdAtMs: finiteNumber,
      meta: replyMetaForm,
    }),
    seam: objectOf<Seam>({
      type: exactly("seam"),
      provider: text,
      model: text,
      policy: wordOf<SeamPolicy>({ restart: 0, continue: 0 }),
      losses: lossesForm,
    }),
    finished: objectOf<Finished>({ ...finishedMembers, meta: replyMetaForm }),
  }),
);

export const providerChatEventJson = eventJson(
  oneOf<ProviderChatEvent, "type">("type", {
    ...between,
    started: objectOf<ProviderStarted>({
      type: exactly("started"),
      model: optional(text),
      usage: optional(usageForm),
    }),
    finished: objectOf<ProviderFinished>(finishedMembers),
  }),
);
