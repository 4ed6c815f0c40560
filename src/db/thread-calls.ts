// Questions to a database's thread that name a store's method: a store that is kept in the database adds its methods
// here, and needs no messages of its own. What methods take and give can be sent to another thread.

import type { AccountingCalls } from "./accounting-calls.ts";
import type { ConfigCalls } from "./config-calls.ts";
import type { DirectoryCalls, DirectoryReadings } from "./directory/directory-calls.ts";
import type { IdempotencyCalls } from "./idempotency-calls.ts";

/** Answered by the thread that writes. */
export type WritingMethods = ConfigCalls & DirectoryCalls & AccountingCalls & IdempotencyCalls;

/** Answered by the thread that reads beside it, with what is loaded there. */
export type ReadingMethods = DirectoryReadings;

type Methods = WritingMethods & ReadingMethods;
type MethodName = keyof Methods;

export type ArgumentsOf<M extends MethodName> = Parameters<Methods[M]>;
export type ValueOf<M extends MethodName> = Awaited<ReturnType<Methods[M]>>;

export interface MethodCall<M extends MethodName = MethodName> {
  readonly method: M;
  readonly args: ArgumentsOf<M>;
}

export interface MethodValue<M extends MethodName = MethodName> {
  readonly method: M;
  readonly value: ValueOf<M>;
}

type Answering<M extends MethodName> = {
  readonly [N in M]: (...args: ArgumentsOf<N>) => Promise<ValueOf<N>>;
};

export async function answerCall<M extends MethodName>(
  methods: Answering<M>,
  { method, args }: MethodCall<M>,
): Promise<MethodValue<M>> {
  const answer = methods[method];
  return { method, value: await answer(...args) };
}

/** Gives a store's method, which is answered wherever the database is. */
export type CallMethod<N extends MethodName> = <M extends N>(
  method: M,
) => (...args: ArgumentsOf<M>) => Promise<ValueOf<M>>;

/** @param ask has it answered by `answerCall`, here or in a thread */
export const callingBy =
  <N extends MethodName>(ask: (call: MethodCall<N>) => Promise<MethodValue>): CallMethod<N> =>
  <M extends N>(method: M) =>
  async (...args: ArgumentsOf<M>): Promise<ValueOf<M>> => {
    const answer = await ask({ method, args });
    if (isOfMethod(answer, method)) return answer.value;
    throw new Error(`The database answered ${answer.method}, not ${method}.`);
  };

const isOfMethod = <M extends MethodName>(answer: MethodValue, method: M): answer is MethodValue<M> =>
  answer.method === method;
