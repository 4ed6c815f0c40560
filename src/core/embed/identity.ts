import type { EmbedRequest } from "./request.ts";

/** All that can change the vectors but the model, to be made canonical: members that are undefined do not count. */
export const embedIdentity = ({ inputs, dimensions, purpose, providerOptions }: EmbedRequest): object =>
  ({
    inputs,
    dimensions,
    purpose,
    providerOptions: Object.keys(providerOptions ?? {}).length === 0 ? undefined : providerOptions,
  }) satisfies { readonly [Member in keyof Required<Omit<EmbedRequest, "labels" | "model">>]: unknown };
