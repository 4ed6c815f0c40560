import { ProviderError } from "../core/provider-error.ts";

/** For an answer that is not of its vendor's format. */
export const brokenReply = (detail: string): ProviderError =>
  new ProviderError({
    failure: "broken_reply",
    message: `The provider sent an answer that is not of its format: ${detail}.`,
  });
