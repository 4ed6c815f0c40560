// The core's messages as `contents`: user and model by turns, results of tools as the user's.

import type { Message, ToolCallPart } from "../../core/chat/request.ts";
import { givenProof } from "../given-proof.ts";
import type { LossList } from "../loss-list.ts";
import { argumentsObject } from "../tool-arguments.ts";
import type { ModelTraits } from "./model-traits.ts";
import { filePart, imagePart } from "./request-media.ts";
import { resultParts } from "./tool-results.ts";
import type { Content, ContentPart, FunctionCallPart, TextPart } from "./wire.ts";

export interface MessageContext {
  readonly traits: ModelTraits;
  readonly losses: LossList;
}

/** A part with the field of the request that it comes from. */
interface Placed {
  readonly field: string;
  readonly part: ContentPart;
}

function systemParts(messages: readonly Message[]): readonly TextPart[] {
  return messages.flatMap(({ role, parts }) =>
    role === "system"
      ? parts.flatMap((part) => (part.type === "text" && part.text !== "" ? [{ text: part.text }] : []))
      : [],
  );
}

export function systemInstructionOf(
  messages: readonly Message[],
  { traits, losses }: MessageContext,
): { readonly parts: readonly TextPart[] } | undefined {
  const firstTurn = messages.findIndex((message) => message.role !== "system");
  for (const [i, { role }] of messages.entries()) {
    if (role !== "system") continue;
    if (!traits.systemText) {
      losses.add(`messages[${i}]`, "Sent as the user's: this model has no place for system text.");
    } else if (firstTurn !== -1 && i > firstTurn) {
      losses.add(`messages[${i}]`, "Moved to the front: Gemini has system text there alone.");
    }
  }
  const parts = systemParts(messages);
  return parts.length === 0 || !traits.systemText ? undefined : { parts };
}

/** Neighbours of one role are one turn, with results of tools first. */
export function contentsOf(messages: readonly Message[], context: MessageContext): readonly Content[] {
  const callNames = new Map<string, string>();
  const turns: { readonly role: Content["role"]; readonly parts: Placed[] }[] = [];
  const asUser = context.traits.systemText ? [] : systemParts(messages);
  if (asUser.length > 0)
    turns.push({ role: "user", parts: asUser.map((part) => ({ field: "messages", part })) });
  for (const [i, message] of messages.entries()) {
    const field = `messages[${i}]`;
    if (message.name !== undefined) {
      context.losses.add(`${field}.name`, "Dropped: Gemini knows no names of speakers.");
    }
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "model" : "user";
    const parts =
      role === "model"
        ? modelParts(message, { ...context, field, callNames })
        : userParts(message, { ...context, field, callNames });
    if (parts.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else turns.push({ role, parts: [...parts] });
  }
  return turns.map(({ role, parts }) => ({
    role,
    parts: role === "model" ? signed(parts, context) : resultsFirst(parts.map(({ part }) => part)),
  }));
}

interface PartsContext extends MessageContext {
  readonly field: string;
  readonly callNames: Map<string, string>;
}

function userParts(message: Message, context: PartsContext): readonly Placed[] {
  const { traits, losses, callNames } = context;
  return message.parts.flatMap((part, i): readonly Placed[] => {
    const field = `${context.field}.parts[${i}]`;
    switch (part.type) {
      case "text":
        return part.text === "" ? [] : [{ field, part: { text: part.text } }];
      case "image":
        return [{ field, part: imagePart(part, { field, losses, takesDetail: traits.isGemini3 }) }];
      case "file":
        return [{ field, part: filePart(part, { field, losses }) }];
      case "tool_result": {
        const name = callNames.get(part.toolCallId);
        return resultParts(part, { ...context, field, name }).map((each) => ({ field, part: each }));
      }
      case "reasoning":
      case "tool_call":
        return [];
    }
  });
}

const resultsFirst = (parts: readonly ContentPart[]): readonly ContentPart[] => [
  ...parts.filter((part) => "functionResponse" in part),
  ...parts.filter((part) => !("functionResponse" in part)),
];

function modelParts(message: Message, context: PartsContext): readonly Placed[] {
  const { losses } = context;
  const placed: Placed[] = [];
  // The signature of a text stands in the core before it, as reasoning without a text.
  let textSignature: string | undefined;
  for (const [i, part] of message.parts.entries()) {
    const field = `${context.field}.parts[${i}]`;
    const thoughtSignature = textSignature;
    textSignature = undefined;
    if (part.type === "text") {
      if (part.text !== "" || thoughtSignature !== undefined) {
        placed.push({ field, part: { text: part.text, ...given(thoughtSignature) } });
      }
    } else if (part.type === "tool_call") {
      context.callNames.set(part.id, part.name);
      placed.push({ field, part: callPart(part, field, losses) });
    } else if (part.type === "reasoning") {
      const { signature } = givenProof(part, "gemini");
      if (signature === undefined) {
        losses.add(field, "Dropped: Gemini takes reasoning back only with its own signature.");
      } else if (part.text !== "") {
        placed.push({ field, part: { text: part.text, thought: true, thoughtSignature: signature } });
      } else if (message.parts[i + 1]?.type === "text") {
        textSignature = signature;
      } else {
        placed.push({ field, part: { text: "", thoughtSignature: signature } });
      }
    }
  }
  return placed;
}

const given = (thoughtSignature: string | undefined): { readonly thoughtSignature?: string } =>
  thoughtSignature === undefined ? {} : { thoughtSignature };

function callPart(call: ToolCallPart, field: string, losses: LossList): FunctionCallPart {
  return {
    functionCall: {
      id: call.id,
      name: call.name,
      args: argumentsObject(call, { vendorName: "Gemini", field, losses }),
    },
    ...given(givenProof(call, "gemini").signature),
  };
}

/**
 * What the vendor documents for calls that no Gemini model has made.
 * Source: ai.google.dev/gemini-api/docs/thought-signatures, FAQs
 */
const foreignCallSignature = "skip_thought_signature_validator";

/** Of the calls of a turn, the first one has the signature; Gemini 3 refuses a turn without it. */
function signed(placed: readonly Placed[], { traits, losses }: MessageContext): readonly ContentPart[] {
  const first = placed.findIndex(({ part }) => "functionCall" in part);
  return placed.map(({ part, field }, i) => {
    const unsigned = "functionCall" in part && part.thoughtSignature === undefined;
    if (i !== first || !unsigned || !traits.isGemini3) return part;
    losses.add(
      `${field}.signature`,
      "Sent as a call made elsewhere: it has no signature of Gemini's, so its reasoning is lost.",
    );
    return { ...part, thoughtSignature: foreignCallSignature };
  });
}
