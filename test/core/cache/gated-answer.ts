// An answer that comes in pieces, each when a test says so: before its first content, and in its middle.

import { delta, finished, partFinished, started, textStarted, usage } from "../../support/chat-scripts.ts";
import { type Step, textScript, type Script } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { costOf } from "./caching-gateway.ts";

export interface GatedAnswer {
  readonly script: Script;
  /** Up to and with its first content. */
  begin(): Promise<void>;
  /** All that is left. */
  end(): Promise<void>;
}

/** "one two three", or its beginning and that failure. */
export function gatedAnswer(failure?: Error): GatedAnswer {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const rest: readonly Step[] =
    failure === undefined ? [delta("two "), delta("three"), partFinished, usage(5, 3), finished] : [failure];
  return {
    script: {
      steps: [begun.promise, started, textStarted, delta("one "), ended.promise, ...rest],
    },
    begin() {
      begun.resolve();
      return turn();
    },
    end() {
      ended.resolve();
      return turn();
    },
  };
}

export const wholeText = "one two three";
export const wholeCost = costOf(3);

/** The same at once. */
export const wholeScript = textScript(wholeText);
