// One response, whole or event by event, as the core's events.

import type { ProviderChatEvent, UsageTold } from "../../../core/chat/events.ts";
import type { Usage } from "../../../core/chat/usage.ts";
import type { JsonObject } from "../../../core/json.ts";
import { ProviderError } from "../../../core/provider-error.ts";
import { brokenReplyQuoted } from "../../broken-reply.ts";
import { createPartWriter } from "../../part-writer.ts";
import type { PartWriter } from "../../part-writer.ts";
import { listIn, objectIn, saysSomething, textIn } from "../../vendor-json.ts";
import { readOpenAiErrorObject } from "../errors.ts";
import { finishReasonOf } from "./finish-reason.ts";
import type { ResponsesMember } from "./member.ts";
import { createOutputReader } from "./output-reader.ts";
import type { OutputReader } from "./output-reader.ts";
import { isResponseNote } from "./response-notes.ts";
import { readUsage } from "./usage.ts";

export interface ReplyReader {
  readonly parts: PartWriter;
  readonly output: OutputReader;
  /** The response as it stands at its start. */
  begin(response: JsonObject): void;
  /**
   * The response at its end.
   * @throws ProviderError for one that failed, is not done, or is not of the format
   */
  end(response: JsonObject, status: string): void;
  ended(): boolean;
  /** The events since the last time. */
  take(): readonly ProviderChatEvent[];
  untoldUsage(): UsageTold | undefined;
}

export interface ReplyContext {
  readonly member: ResponsesMember;
  /** Whose proofs the model gives where the answer does not say. */
  readonly maker: string;
}

export function createReplyReader({ member, maker }: ReplyContext): ReplyReader {
  const parts = createPartWriter(member.kind);
  let answerId: string | undefined;
  let model: string | undefined;
  let begun = false;
  let startedTold = false;
  let usage: Usage | undefined;
  let last: readonly ProviderChatEvent[] = [];
  let ended = false;
  const output = createOutputReader({ parts, maker, answerId: () => answerId ?? "0" });

  function begin(response: JsonObject): void {
    begun = true;
    answerId ??= textIn(response["id"]);
    model ??= textIn(response["model"]);
  }

  function handOn(response: JsonObject): void {
    for (const [name, value] of Object.entries(response)) {
      // The next request can go on from an answer that was kept.
      const kept = name === "id" && response["store"] === true;
      if ((kept || !isResponseNote(name)) && saysSomething(value)) parts.opaque(name, value);
    }
  }

  return {
    parts,
    output,
    begin,
    end(response, status) {
      begin(response);
      usage = readUsage(response) ?? usage;
      const error = response["error"];
      if (saysSomething(error)) throw readOpenAiErrorObject(error, member);
      const word = checkEnd(status, member);
      output.all(listIn(response["output"]));
      output.end();
      handOn(response);
      parts.close();
      const incomplete = textIn(objectIn(response["incomplete_details"])?.["reason"]);
      const reason = finishReasonOf(word, incomplete, {
        toolCalls: parts.held("tool_call"),
        refusal: parts.held("refusal"),
      });
      const rawReason = word === "incomplete" ? (incomplete ?? word) : word;
      last = [
        ...(usage === undefined ? [] : [{ type: "usage" as const, usage }]),
        { type: "finished", reason, rawReason },
      ];
      ended = true;
    },
    ended: () => ended,
    take() {
      const events = parts.take();
      const first: readonly ProviderChatEvent[] =
        startedTold || (!begun && events.length === 0) ? [] : [{ type: "started", model }];
      startedTold ||= first.length > 0;
      if (first.length === 0 && last.length === 0) return events;
      const all = [...first, ...events, ...last];
      last = [];
      return all;
    },
    untoldUsage: () => (usage === undefined || ended ? undefined : { type: "usage", usage }),
  };
}

function checkEnd(status: string, member: ResponsesMember): "completed" | "incomplete" {
  switch (status) {
    case "completed":
    case "incomplete":
      return status;
    case "failed":
      throw readOpenAiErrorObject({}, member);
    case "cancelled":
      throw new ProviderError({
        failure: "unavailable",
        message: `${member.name} cancelled the response.`,
        ownWords: true,
      });
    case "queued":
    case "in_progress":
      throw new ProviderError({
        failure: "broken_reply",
        message: `${member.name} answered before the model was done (${status}): background mode is not served here. Leave "background" out, or ask for a stream.`,
        ownWords: true,
      });
    default:
      throw brokenReplyQuoted(`its status is "${status.slice(0, 80)}"`);
  }
}
