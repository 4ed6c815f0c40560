// A vendor may say in its errors what it was sent. Whatever our credential looks like, it is not passed on.

import { EventsAtOnce } from "../core/events-at-once.ts";
import type { Provider, ProviderReply } from "../core/provider.ts";
import { ProviderError } from "../core/provider-error.ts";
import { type EventReader, PulledEvents, pulledEvents } from "../core/pulled-events.ts";

/** Shorter ones are no secrets, and stand in words. */
const shortestChars = 6;
const hidden = "[redacted]";

type Hide = (text: string) => string;

/** The same provider, whose errors tell none of the credentials. */
export function withheldCredentials(provider: Provider, credentials: readonly string[]): Provider {
  const hide = createHide(credentials);
  if (hide === undefined) return provider;
  const embed = provider.embed?.bind(provider);
  const listModels = provider.listModels?.bind(provider);
  const answered = async <E>(asked: Promise<ProviderReply<E>>): Promise<ProviderReply<E>> => {
    const reply = await asked.catch(failWithout(hide));
    const { upstreamRequestId, events } = reply;
    return {
      ...reply,
      upstreamRequestId: upstreamRequestId === undefined ? undefined : hide(upstreamRequestId),
      events: withheldEvents(events, hide),
    };
  };
  return {
    ...provider,
    chat: (request, context) => answered(provider.chat(request, context)),
    ...(embed === undefined ? {} : { embed: (request, context) => answered(embed(request, context)) }),
    ...(listModels === undefined
      ? {}
      : { listModels: (signal: AbortSignal) => listModels(signal).catch(failWithout(hide)) }),
  };
}

function createHide(credentials: readonly string[]): Hide | undefined {
  const secrets = credentials.filter(({ length }) => length >= shortestChars);
  // The longest first: one may be part of another.
  const forms = [...new Set(secrets.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
  if (forms.length === 0) return undefined;
  return (text) => forms.reduce((rest, form) => withoutCut(rest.replaceAll(form, hidden), form), text);
}

/** As it is, and as JSON and URLs write it. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
];

/** What is said is cut where it is too long: also in the midst of a credential. */
function withoutCut(text: string, form: string): string {
  const cutAt = text.lastIndexOf("…");
  if (cutAt === -1) return text;
  for (let length = Math.min(form.length - 1, cutAt); length >= shortestChars; length -= 1) {
    if (text.endsWith(form.slice(0, length), cutAt)) {
      return text.slice(0, cutAt - length) + hidden + text.slice(cutAt);
    }
  }
  return text;
}

const failWithout =
  (hide: Hide) =>
  (error: unknown): never => {
    throw withheld(error, hide);
  };

function withheld(error: unknown, hide: Hide): unknown {
  if (!(error instanceof ProviderError)) return error;
  const { failure, message, ownWords, httpStatus, upstreamRequestId, retryAfterMs, wholeProvider, cause } =
    error;
  const shown = hide(message);
  const shownId = upstreamRequestId === undefined ? undefined : hide(upstreamRequestId);
  if (shown === message && shownId === upstreamRequestId) return error;
  return new ProviderError({
    failure,
    message: shown,
    ownWords,
    httpStatus,
    upstreamRequestId: shownId,
    retryAfterMs,
    wholeProvider,
    cause,
  });
}

/** Events come as they came: without a promise for each where they had none. */
function withheldEvents<E>(events: AsyncIterable<E>, hide: Hide): AsyncIterable<E> {
  if (events instanceof EventsAtOnce) {
    const { come }: EventsAtOnce<E> = events;
    return new EventsAtOnce(() => come().catch(failWithout(hide)));
  }
  if (events instanceof PulledEvents) return withheldPulls<E>(events, hide);
  return {
    [Symbol.asyncIterator]() {
      const iterator = events[Symbol.asyncIterator]();
      return {
        next: () => iterator.next().catch(failWithout(hide)),
        return: async (value?: unknown) =>
          (await iterator.return?.(value)) ?? { done: true, value: undefined },
      };
    },
  };
}

function withheldPulls<E>(events: PulledEvents<E>, hide: Hide): PulledEvents<E> {
  let reader: EventReader<E> | undefined;
  // One for all: exactly one of its methods is called for each pull.
  const between: EventReader<E> = {
    event: (event) => reader?.event(event),
    end: () => reader?.end(),
    fail: (error) => reader?.fail(withheld(error, hide)),
  };
  return pulledEvents({
    pull(next) {
      reader = next;
      events.pull(between);
    },
    leave: () => events.return(),
  });
}
