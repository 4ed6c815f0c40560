// Kept answers that several gateways share in Redis: one string each, as JSON text, which Redis forgets by itself.
// While Redis is away nothing is found and nothing is kept there.

import type { AnswerCache, CachedAnswer } from "../../core/cache/answer-cache.ts";
import type { AnswerJson } from "../../core/cache/answer-json.ts";
import { servesAt } from "../../core/cache/serves-at.ts";
import type { Clock } from "../../core/clock.ts";
import type { ReportFault } from "../../core/errors.ts";
import { isErrorReply, type RedisConnection } from "./redis-connection.ts";
import { redisFailure } from "./redis-failure.ts";
import { createRedisLink, type RedisLink } from "./redis-link.ts";
import type { RedisSuspicion } from "./redis-suspicion.ts";

export interface RedisAnswersOptions {
  /** `REDIS_URL` */
  readonly url: string;
  readonly clock: Clock;
  readonly json: AnswerJson;
  /** What is larger as JSON text is left out: other questions wait behind it on the wire, and none for long. */
  readonly maxEntryBytes: number;
  /** For the log: that Redis went away or takes no answers, and that it does again. */
  readonly tell: (message: string) => void;
  readonly reportFault: ReportFault;
  readonly suspicion?: RedisSuspicion | undefined;
}

/** So much may be on its way to Redis at a time, or one answer. */
const maxUnderWayBytes = 4_194_304;

/** Of a long JSON text: no answer that was kept takes less, vectors in base64 included. */
const leastBytesAChar = 0.5;
/** A shorter one may say of itself what it likes: as many as are kept take no room worth the name. */
const longTextChars = 16_384;

export const createRedisAnswers = (options: RedisAnswersOptions): AnswerCache => new RedisAnswers(options);

class RedisAnswers implements AnswerCache {
  readonly #options: RedisAnswersOptions;
  readonly #link: RedisLink;
  readonly #maxUnderWayBytes: number;
  #underWayBytes = 0;
  /** Why it takes no answers though it answers, as a sentence. */
  #refusal: string | undefined;

  constructor(options: RedisAnswersOptions) {
    this.#options = options;
    this.#maxUnderWayBytes = Math.max(maxUnderWayBytes, options.maxEntryBytes);
    const { url, clock, tell, suspicion } = options;
    this.#link = createRedisLink({
      url,
      clock,
      tell,
      suspicion,
      // A server that is full still has what it has: nothing is written.
      check: async (connection) => void (await connection.send(["GET", nameOf("{check}")])),
      back: () => {
        this.#refusal = undefined;
      },
    });
  }

  find(key: string): CachedAnswer | undefined | Promise<CachedAnswer | undefined> {
    return this.#link
      .ask((connection) => textAt(connection, nameOf(key)))
      ?.then(
        (text) => (text === undefined ? undefined : this.#answerIn(key, text)),
        () => undefined,
      );
  }

  put(key: string, answer: CachedAnswer): void {
    // Nothing is made ready for nobody.
    if (this.#link.failure() !== undefined) return;
    const nowMs = this.#options.clock.epochMs();
    const text = servesAt(answer, nowMs) ? this.#textOf(key, answer) : undefined;
    if (text === undefined) {
      // What it would have taken the place of is older still.
      this.#remove(key);
      return;
    }
    const bytes = Buffer.byteLength(text);
    if (this.#underWayBytes + bytes > this.#maxUnderWayBytes) return;
    const forMs = String(Math.ceil(answer.staleUntilMs - nowMs));
    this.#underWayBytes += bytes;
    void this.#send(["SET", nameOf(key), text, "PX", forMs])
      .then(
        (wasSent) => wasSent && this.#taken(),
        (error: unknown) => this.#refused(error),
      )
      .finally(() => {
        this.#underWayBytes -= bytes;
      });
  }

  problems(): readonly string[] {
    const failure = this.#link.failure();
    if (failure !== undefined)
      return [`${failure} Until it is back, this gateway shares no cached answers with others.`];
    if (this.#refusal === undefined) return [];
    return [`${this.#refusal} Until then no further answers are cached there.`];
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #answerIn(key: string, text: string): CachedAnswer | undefined {
    // Nobody who holds to the same limit has written it, and to read it takes time.
    if (text.length > this.#options.maxEntryBytes) return undefined;
    const answer = this.#understood(() => this.#options.json.read(key, text));
    if (answer === undefined) {
      this.#remove(key);
      return undefined;
    }
    if (!servesAt(answer, this.#options.clock.epochMs())) return undefined;
    const leastBytes = text.length > longTextChars ? Math.floor(text.length * leastBytesAChar) : 0;
    return answer.bytes < leastBytes ? { ...answer, bytes: leastBytes } : answer;
  }

  /** Undefined where it is too large. */
  #textOf(key: string, answer: CachedAnswer): string | undefined {
    const { json, maxEntryBytes } = this.#options;
    // Before it is written: that takes time.
    if (answer.bytes > maxEntryBytes) return undefined;
    const text = this.#understood(() => json.write(key, answer));
    return text !== undefined && Buffer.byteLength(text) <= maxEntryBytes ? text : undefined;
  }

  #remove(key: string): void {
    this.#send(["UNLINK", nameOf(key)]).catch(() => undefined);
  }

  /**
   * Resolves when it was answered; false: Redis is away. The answer is not waited for in the time that questions have: a
   * large value takes longer, and a server that refuses it has its other answers still.
   */
  async #send(args: readonly string[]): Promise<boolean> {
    const sent = await this.#link.ask((connection) => {
      const answered = connection.send(args).then(() => true);
      // The link may go away before it hands this on; nobody else hears of it then.
      answered.catch(() => undefined);
      return Promise.resolve({ answered });
    });
    return sent === undefined ? false : sent.answered;
  }

  #taken(): void {
    if (this.#refusal === undefined) return;
    this.#refusal = undefined;
    this.#options.tell(`Redis at ${new URL(this.#options.url).host} takes cached answers again.`);
  }

  #refused(error: unknown): void {
    // Others tell that the connection was lost: the link's to see to.
    if (!isErrorReply(error)) return;
    const { shown, sentence, said } = redisFailure(this.#options.url, error);
    if (this.#refusal === undefined) this.#options.tell(`${sentence} (${said})`);
    this.#refusal = shown;
  }

  #understood<T>(work: () => T | undefined): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#options.reportFault(error, {});
      return undefined;
    }
  }
}

const nameOf = (key: string): string => `sluice:cache:${key}`;

/** Undefined: there is nothing. */
async function textAt(connection: RedisConnection, name: string): Promise<string | undefined> {
  try {
    const text = await connection.send(["GET", name]);
    return typeof text === "string" ? text : undefined;
  } catch (error) {
    // Somebody put something else there; no answer reads so.
    if (isErrorReply(error) && error.message.startsWith("WRONGTYPE")) return "";
    throw error;
  }
}
