// Reads `text/event-stream` as far as the gateway writes it.

export interface SentEvent {
  /** Empty where the event has no name. */
  readonly event: string;
  readonly data: string;
}

/** Comments are left out. What follows the last blank line is given too: a stream that is cut shows it. */
export async function* readSentEvents(response: Response): AsyncGenerator<SentEvent> {
  if (response.body === null) return;
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield* eventOf(block);
  }
  yield* eventOf(rest);
}

function* eventOf(block: string): Generator<SentEvent> {
  if (block === "" || block.startsWith(":")) return;
  const field = (name: string) =>
    block
      .split("\n")
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .replace(/^ /, "") ?? "";
  yield { event: field("event"), data: field("data") };
}
