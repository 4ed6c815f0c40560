import type { EventJson } from "../operation.ts";
import type { Numbered } from "../reply.ts";
import type { Watcher } from "../watch-events.ts";
import type { RunPublisher } from "./shared-runs.ts";

/** Tells a run's events to where other gateways can read them. How it ends, the run says itself. */
export class Publishing<E> implements Watcher<Numbered<E>, Numbered<E>> {
  readonly #publisher: RunPublisher;
  readonly #json: EventJson<E>;

  constructor(publisher: RunPublisher, json: EventJson<E>) {
    this.#publisher = publisher;
    this.#json = json;
  }

  event(event: Numbered<E>): Numbered<E> {
    this.#publisher.append(JSON.stringify(this.#json.write(event)));
    return event;
  }

  ended(): void {}

  failed(error: unknown): unknown {
    return error;
  }

  left(): void {}
}
