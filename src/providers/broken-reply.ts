import { ProviderError } from "../core/provider-error.ts";

/** For an answer that is not of its vendor's format. */
export const brokenReply = (detail: string): ProviderError => broken(detail, true);

/** The same, where the detail has words of the answer's. */
export const brokenReplyQuoted = (detail: string): ProviderError => broken(detail, false);

const broken = (detail: string, ownWords: boolean): ProviderError =>
  new ProviderError({
    failure: "broken_reply",
    message: `The provider sent an answer that is not of its format: ${detail}.`,
    ownWords,
  });
