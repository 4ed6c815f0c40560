import { describe, expect, it } from "vitest";
import type { ProviderChatEvent } from "../../src/core/chat/events.ts";
import { EventsAtOnce } from "../../src/core/events-at-once.ts";
import type { AttemptContext, Provider } from "../../src/core/provider.ts";
import { ProviderError } from "../../src/core/provider-error.ts";
import { PulledEvents, pulledEvents } from "../../src/core/pulled-events.ts";
import { withheldCredentials } from "../../src/providers/withheld-credentials.ts";

const secret = `a "key" of+ours`;
const failing = (message: string) =>
  new ProviderError({
    failure: "authentication",
    message,
    httpStatus: 401,
    upstreamRequestId: `id of ${secret}`,
  });

const request = { messages: [] };
const context: AttemptContext = {
  model: "m",
  delivery: "unary",
  signal: new AbortController().signal,
};

const answering = (events: AsyncIterable<ProviderChatEvent>): Provider => ({
  chat: () => Promise.resolve({ losses: [], events }),
});

const delta: ProviderChatEvent = { type: "part_delta", index: 0, text: secret };

async function* generated(): AsyncGenerator<ProviderChatEvent> {
  yield delta;
  throw failing(`You sent ${secret}.`);
}

function pulled(left: () => void = () => {}): PulledEvents<ProviderChatEvent> {
  let pulls = 0;
  return pulledEvents({
    pull(reader) {
      pulls += 1;
      if (pulls === 1) reader.event(delta);
      else reader.fail(failing(`You sent ${secret}.`));
    },
    leave: left,
  });
}

const withheld = {
  failure: "authentication",
  message: "You sent [redacted].",
  httpStatus: 401,
  upstreamRequestId: "id of [redacted]",
  wholeProvider: true,
};

describe("a provider's own credential", () => {
  it.each([
    ["as it is", `You sent ${secret}.`],
    ["as JSON writes it", `You sent ${JSON.stringify(secret).slice(1, -1)}.`],
    ["as a URL writes it", `You sent ${encodeURIComponent(secret)}.`],
  ])("is told by no error: %s", async (_, message) => {
    const provider = withheldCredentials(
      { chat: () => Promise.reject(failing(message)), listModels: () => Promise.reject(failing(message)) },
      ["", "short", secret],
    );
    await expect(provider.chat(request, context)).rejects.toMatchObject(withheld);
    await expect(provider.listModels?.(context.signal)).rejects.toMatchObject(withheld);
  });

  it("leaves it said whose the words are", async () => {
    const error = new ProviderError({
      failure: "broken_reply",
      message: "The answer was cut.",
      ownWords: true,
      upstreamRequestId: secret,
    });
    const provider = withheldCredentials({ chat: () => Promise.reject(error) }, [secret]);
    await expect(provider.chat(request, context)).rejects.toMatchObject({
      ownWords: true,
      upstreamRequestId: "[redacted]",
    });
  });

  it("is told by none that was cut in its midst", async () => {
    const message = `You sent ${secret.slice(0, 9)}…`;
    const provider = withheldCredentials({ chat: () => Promise.reject(failing(message)) }, [secret]);
    await expect(provider.chat(request, context)).rejects.toMatchObject({ message: "You sent [redacted]…" });
  });

  it.each([
    ["generated", generated],
    ["pulled", pulled],
  ])("is told by no error in the midst of a stream: %s", async (_, events) => {
    const provider = withheldCredentials(answering(events()), [secret]);
    const iterator = (await provider.chat(request, context)).events[Symbol.asyncIterator]();
    // What a model says is its caller's.
    expect(await iterator.next()).toEqual({ done: false, value: delta });
    await expect(iterator.next()).rejects.toMatchObject(withheld);
  });

  it("is told by no error of an answer that is read whole", async () => {
    const events = new EventsAtOnce<ProviderChatEvent>(() => Promise.reject(failing(`You sent ${secret}.`)));
    const provider = withheldCredentials(answering(events), [secret]);
    const reply = await provider.chat(request, context);
    expect(reply.events).toBeInstanceOf(EventsAtOnce);
    await expect(reply.events[Symbol.asyncIterator]().next()).rejects.toMatchObject(withheld);
  });
});

it("a stream that is left is left at its provider", async () => {
  let left = 0;
  const provider = withheldCredentials(answering(pulled(() => void (left += 1))), [secret]);
  const { events } = await provider.chat(request, context);
  expect(events).toBeInstanceOf(PulledEvents);
  const iterator = events[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.return?.();
  expect(left).toBe(1);
});

it("a provider without a credential stays the same", () => {
  const provider = answering(generated());
  expect(withheldCredentials(provider, ["", "short"])).toBe(provider);
});
