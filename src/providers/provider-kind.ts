// What the gateway has to know of a kind of provider: how it is configured, and how its adapter is made.

import type { KindDefaults, SettingValue } from "../core/kind-defaults.ts";
import type { Provider } from "../core/provider.ts";
import type { AddressCheck } from "./upstream/checked-address.ts";
import type { UpstreamTimeouts } from "./upstream/upstream.ts";

/** The kind's own settings, by their keys; those without a value are absent. */
export type KindSettings = Readonly<Record<string, SettingValue>>;

export interface ProviderOptions {
  /** In the convention of the vendor's own SDK. */
  readonly baseUrl: string;
  /** Empty: none is sent. */
  readonly apiKey: string;
  /** Which of the kind's APIs is asked where a target says nothing; absent: the kind's first. */
  readonly api?: string | undefined;
  readonly settings?: KindSettings | undefined;
  readonly timeouts?: UpstreamTimeouts | undefined;
  /** Asked for each connection; absent: any address. */
  readonly allowsAddress?: AddressCheck | undefined;
}

export interface ProviderKind extends KindDefaults {
  /** How @pydantic/genai-prices calls it; absent: its models have no price. */
  readonly priceListId?: string | undefined;
  /** Other names that the vendor takes for a model, where a price may stand; absent: there are none. */
  readonly otherNames?: ((model: string, settings: KindSettings) => readonly string[]) | undefined;
  create(options: ProviderOptions): Provider;
}
