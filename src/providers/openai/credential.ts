// How a key is shown to a vendor.

import type { ProviderOptions } from "../provider-kind.ts";

export type ProviderSettings = NonNullable<ProviderOptions["settings"]>;

export interface Credential {
  /** Empty: none is sent. */
  readonly apiKey: string;
  readonly settings: ProviderSettings;
}

/** Headers that hold the key. */
type Authorization = Readonly<Record<string, string>>;
export type Authorize = (credential: Credential) => Authorization;

export const bearerAuth = ({ apiKey }: Pick<Credential, "apiKey">): Authorization =>
  apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` };

/** A token of Entra ID where the settings hold one, else the resource's key. */
export function azureAuth({ apiKey, settings: { adToken } }: Credential): Authorization {
  if (typeof adToken === "string" && adToken !== "") return { authorization: `Bearer ${adToken}` };
  return apiKey === "" ? {} : { "api-key": apiKey };
}
