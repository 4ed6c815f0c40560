// One front end of a gateway, asked the same with a key of the asker's choice.

/** One duplicate's answer, or why there was none. */
export type FaceAnswer =
  | { readonly type: "given"; readonly callId: string; readonly text: string }
  | { readonly type: "refused"; readonly said: string };

export interface Face {
  readonly name: string;
  /** Never rejects. */
  ask(idempotencyKey: string): Promise<FaceAnswer>;
}

/** Faces that share connections. */
export interface FaceGroup {
  readonly faces: readonly Face[];
  close(): void;
}

export interface FaceOptions {
  readonly url: URL;
  readonly model: string | undefined;
  readonly apiKey: string | undefined;
}

/** The same for every front end. */
export const prompt = "Say hello in one sentence.";

/** Of one call. */
export const timeoutMs = 120_000;

/** A kept answer would come without an upstream call. */
export const headersOf = (apiKey: string | undefined): Readonly<Record<string, string>> => ({
  "cache-control": "no-store",
  ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
});

export const refused = (said: string): FaceAnswer => ({ type: "refused", said });

/** What the answer tells, or that it does not. */
export const given = (callId: string | undefined, text: string | undefined): FaceAnswer =>
  callId === undefined || text === undefined
    ? refused("the answer is not whole")
    : { type: "given", callId, text };

export async function neverRejecting(ask: () => Promise<FaceAnswer>): Promise<FaceAnswer> {
  try {
    return await ask();
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
}
