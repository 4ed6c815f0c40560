// What Redis has to hear although it is away: it is told when it is back, and again until it has answered.

import type { RedisScript, ScriptCall } from "./redis-script.ts";
import type { RedisScripts } from "./redis-scripts.ts";

/** A second time it changes nothing: it may have been done without an answer. */
export interface Telling {
  readonly script: RedisScript;
  readonly call: ScriptCall;
  readonly answered: (reply: unknown) => void;
}

/** Beyond that the records correct it, and the end of what was reserved. */
const maxLate = 10_000;

export class ToldLater {
  readonly #scripts: RedisScripts;
  readonly #sent = new Set<Promise<void>>();
  #late: Telling[] = [];

  constructor(scripts: RedisScripts) {
    this.#scripts = scripts;
  }

  tell(telling: Telling): void {
    const asked = this.#scripts.evalScript(telling.script, telling.call);
    if (asked === undefined) {
      this.#keep(telling);
      return;
    }
    const sent: Promise<void> = asked
      .then(telling.answered, () => this.#keep(telling))
      .finally(() => this.#sent.delete(sent));
    this.#sent.add(sent);
  }

  tellAgain(): void {
    const late = this.#late;
    this.#late = [];
    for (const each of late) this.tell(each);
  }

  /** Waits for the answers to what was sent. */
  async close(): Promise<void> {
    await Promise.all(this.#sent);
  }

  #keep(telling: Telling): void {
    if (this.#late.length < maxLate) this.#late.push(telling);
  }
}
