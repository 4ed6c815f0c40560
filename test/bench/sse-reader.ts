// The baselines' reading of server-sent events (HTML standard, 9.2.6): as little as it takes to be right.

import { StringDecoder } from "node:string_decoder";

export interface SseReader {
  /** Takes what one read of the socket brought; calls back for each event that it completes. */
  feed(piece: Buffer): void;
}

/** `onData` is given the data of each event; names and ids, which OpenAI does not use, are passed over. */
export function createSseReader(onData: (data: string) => void): SseReader {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  let data: string | undefined;
  let atStart = true;
  // A line feed behind a return belongs to it, though another read may bring it.
  let afterReturn = false;

  function decoded(piece: Buffer): string {
    let text = decoder.write(piece);
    if (text === "") return text;
    if (atStart && text.startsWith("\ufeff")) text = text.slice(1);
    if (afterReturn && text.startsWith("\n")) text = text.slice(1);
    atStart = false;
    afterReturn = text.endsWith("\r");
    return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
  }

  function readLine(text: string, from: number, to: number): void {
    if (from === to) {
      const whole = data;
      data = undefined;
      if (whole !== undefined) onData(whole);
    } else if (text.startsWith("data:", from)) {
      const value = text.slice(text.startsWith(" ", from + 5) ? from + 6 : from + 5, to);
      data = data === undefined ? value : `${data}\n${value}`;
    }
  }

  return {
    feed(piece) {
      const text = rest + decoded(piece);
      let from = 0;
      for (let to = text.indexOf("\n"); to !== -1; to = text.indexOf("\n", from)) {
        readLine(text, from, to);
        from = to + 1;
      }
      rest = text.slice(from);
    },
  };
}
