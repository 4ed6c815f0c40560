// How stages are put together. A stage may answer itself, or ask the next and watch what comes back.

import type { Call } from "./call.ts";
import type { OperationShape } from "./operation-shape.ts";
import type { Reply } from "./reply.ts";

export type Handler<C, E> = (call: C) => Promise<Reply<E>>;

/** A stage of one operation's calls. */
export type StageOf<S extends OperationShape> = (
  call: Call<S>,
  next: Handler<Call<S>, S["event"]>,
) => Promise<Reply<S["event"]>>;

/** A stage of a call, whatever its operation. */
export type Stage = <S extends OperationShape>(...asked: Parameters<StageOf<S>>) => ReturnType<StageOf<S>>;

/** Stages as one handler, the first outermost. */
export const compose = <S extends OperationShape>(
  stages: readonly StageOf<S>[],
  last: Handler<Call<S>, S["event"]>,
): Handler<Call<S>, S["event"]> =>
  stages.reduceRight<Handler<Call<S>, S["event"]>>((next, stage) => (call) => stage(call, next), last);
