// What protovalidate and the core say of one request.

import { type DescMessage, type DescOneof, type DescField, type Message, toBinary } from "@bufbuild/protobuf";
import { isReflectList, isReflectMessage, reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { createValidator, type Violation } from "@bufbuild/protovalidate";
import { ChatRequestSchema, ResumeChatRequestSchema } from "../../../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbedRequestSchema } from "../../../../generated/proto/sluice/v1/embedding_pb.ts";
import { withWishes } from "../../../../src/api/call-wishes.ts";
import { decodeBinary } from "../../../../src/api/rpc/decode-request.ts";
import { toEmbedRequest } from "../../../../src/api/rpc/embed-mapping.ts";
import { toChatRequest } from "../../../../src/api/rpc/request-mapping.ts";
import { toResumed, toWishes } from "../../../../src/api/rpc/wish-mapping.ts";
import { checkWishes } from "../../../../src/core/check-wishes.ts";
import { checkResume } from "../../../../src/core/runs/check-resume.ts";
import { validateChatRequest } from "../../../../src/core/chat/validate.ts";
import { validateEmbedRequest } from "../../../../src/core/embed/validate.ts";
import { GatewayError } from "../../../../src/core/errors.ts";
import { keylessPrincipal } from "../../../support/principals.ts";
import { messageNamed, registry, type Rule } from "./contract.ts";

const validator = createValidator({ registry });

export const chatRequest = messageNamed("ChatRequest");
export const embedRequest = messageNamed("EmbedRequest");
export const resumeRequest = messageNamed("ResumeChatRequest");
const partMessage = messageNamed("Part");

export const requests: readonly DescMessage[] = [chatRequest, embedRequest, resumeRequest];

export const messageOf = ({ $typeName }: Message): DescMessage =>
  requests.find(({ typeName }) => typeName === $typeName) ?? raise();

/** A rule that was broken, and where, in the core's words. */
export interface Judged {
  readonly rule: Rule;
  /** As `messages[0].parts[1].source.url`. */
  readonly field: string;
}

/** Empty for a request that protovalidate takes. */
export const judge = (request: Message): readonly Judged[] => [
  ...judgeAs(messageOf(request), request),
  ...partsOfToolResults(request).flatMap(({ part, at }) =>
    judgeAs(partMessage, part).map(({ rule, field }) => ({ rule, field: `${at}.${field}` })),
  ),
];

function judgeAs(desc: DescMessage, request: Message): readonly Judged[] {
  const result = validator.validate(desc, request);
  if (result.kind === "error") throw result.error;
  return result.kind === "valid" ? [] : result.violations.map((violation) => judgedBy(violation, desc));
}

/**
 * The parts within parts. protovalidate-es 1.3 leaves them out: a message that is met again below itself has no
 * plan yet when the plan of what holds it is pruned.
 */
function partsOfToolResults(request: Message): { readonly part: Message; readonly at: string }[] {
  if (messageOf(request) !== chatRequest) return [];
  const found: { part: Message; at: string }[] = [];
  for (const [i, message] of messagesIn(reflect(chatRequest, request), "messages").entries()) {
    for (const [j, part] of messagesIn(message, "parts").entries()) {
      const result = part.get(partMessage.fields.find(({ name }) => name === "tool_result") ?? raise());
      if (!isReflectMessage(result)) continue;
      for (const [k, content] of messagesIn(result, "content").entries()) {
        found.push({ part: content.message, at: `messages[${i}].parts[${j}].content[${k}]` });
      }
    }
  }
  return found;
}

function messagesIn(message: ReflectMessage, name: string): ReflectMessage[] {
  const list = message.get(message.fields.find((field) => field.name === name) ?? raise());
  return isReflectList(list) ? [...list].filter((entry) => isReflectMessage(entry)) : raise();
}

function raise(): never {
  throw new Error("The contract has no such field.");
}

function judgedBy(violation: Violation, root: DescMessage): Judged {
  const { field, rule, ruleId } = violation;
  const last = field.findLast((step) => step.kind === "field" || step.kind === "oneof");
  const ofMessage = rule.length === 0 && last?.kind !== "oneof" && ruleId !== "required";
  const message = ofMessage ? messageBelow(last, root) : (last?.parent ?? root);
  const inCel = ruleId.includes(".") && rule.some((step) => step.kind === "field" && step.name === "cel");
  const name = ofMessage || inCel ? ruleId : ruleName(violation);
  const words = wordsOf(violation);
  return {
    rule: { message, ...(ofMessage ? {} : { member: last?.name }), name },
    field: ofMessage ? [words, idPath(ruleId, message)].filter((part) => part !== "").join(".") : words,
  };
}

function messageBelow(last: DescField | DescOneof | undefined, root: DescMessage): DescMessage {
  return (last?.kind === "field" ? last.message : undefined) ?? root;
}

const ruleName = ({ rule, ruleId }: Violation): string =>
  rule.flatMap((step) => (step.kind === "field" ? [step.name] : [])).join(".") || ruleId;

/** The path with which the id of a rule of a whole message begins, as far as it names fields. */
function idPath(id: string, message: DescMessage): string {
  const names: string[] = [];
  let at: DescMessage | undefined = message;
  for (const segment of id.split(".")) {
    const field: DescField | undefined = at?.fields.find(({ name }) => name === segment);
    if (field === undefined) break;
    names.push(field.localName);
    at = field.message;
  }
  return names.join(".");
}

/**
 * The core's paths leave out oneofs and the messages that they hold: `parts[0].source`, where protobuf has
 * `parts[0].image.source`. An input of embeddings is text or numbers itself: its path ends at `inputs[0]`.
 */
function wordsOf({ field, forKey }: Violation): string {
  let words = "";
  for (const [i, step] of field.entries()) {
    if (step.kind === "oneof") continue;
    if (step.kind === "field") {
      if (step.oneof?.parent.name === "EmbedInput") break;
      if (step.oneof === undefined || step.message === undefined) words += `.${step.localName}`;
    } else if (step.kind === "list_sub") words += `[${step.index}]`;
    else if (step.kind === "map_sub" && !(forKey && i === field.length - 1)) words += `.${step.key}`;
  }
  return words.slice(1);
}

/** The field that the core finds at fault; undefined for a request that it takes. */
export function coreFault(request: Message): string | undefined {
  try {
    checkInCore(messageOf(request), toBinary(messageOf(request), request));
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError && error.code === "invalid_request") return error.field;
    throw error;
  }
}

const caller = { principal: keylessPrincipal };

function checkInCore(desc: DescMessage, bytes: Uint8Array): void {
  if (desc === chatRequest) {
    const message = decodeBinary(ChatRequestSchema, bytes);
    validateChatRequest(toChatRequest(message));
    checkWishes(withWishes(caller, toWishes(message)));
  } else if (desc === embedRequest) {
    const message = decodeBinary(EmbedRequestSchema, bytes);
    validateEmbedRequest(toEmbedRequest(message));
    checkWishes(withWishes(caller, toWishes(message)));
  } else {
    const { id, afterSequence } = toResumed(decodeBinary(ResumeChatRequestSchema, bytes));
    checkResume(id, afterSequence);
  }
}
