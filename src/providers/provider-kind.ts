// What the gateway has to know of a kind of provider: how it is configured, and how its adapter is made.

import type { Provider } from "../core/provider.ts";
import type { UpstreamTimeouts } from "./upstream/upstream.ts";

/** A text, or a mapping of texts, as a kind's own settings have it. */
export type SettingValue = string | Readonly<Record<string, string>>;

export interface ProviderOptions {
  /** In the convention of the vendor's own SDK. */
  readonly baseUrl: string;
  /** Empty: none is sent. */
  readonly apiKey: string;
  /** Which of the kind's APIs is asked where a target says nothing; absent: the kind's first. */
  readonly api?: string | undefined;
  /** The kind's own settings, by their keys; those without a value are absent. */
  readonly settings?: Readonly<Record<string, SettingValue>> | undefined;
  readonly timeouts?: UpstreamTimeouts | undefined;
}

/** A setting that only this kind has. */
export interface KindSetting {
  /** In the provider's entry of the YAML file. */
  readonly key: string;
  /** In the environment; a map is written `name=value,name=value` there. */
  readonly variable: string;
  readonly form: "text" | "map";
  readonly required: boolean;
  /** For error messages and the README: what it is. */
  readonly meaning: string;
}

export interface ProviderKind {
  readonly kind: string;
  /** Names of the environment variables that it is configured by. */
  readonly env: {
    readonly apiKey: string;
    readonly baseUrl: string;
    /** Another name for the address that the vendor's users know. */
    readonly baseUrlAlias?: string | undefined;
    readonly model: string;
    /** An integer, higher first. */
    readonly priority: string;
  };
  /** What makes it load itself from the environment: its key, its address (the key is optional then), or nothing. */
  readonly loadedBy: "apiKey" | "baseUrl" | "file";
  /** Whether it can be asked without a key. */
  readonly keyOptional: boolean;
  /** Absent: the address has to be given. */
  readonly defaultBaseUrl?: string | undefined;
  /** What the route `default` asks of it where nothing else is said; absent: what the provider's own list has. */
  readonly defaultModel?: string | undefined;
  /** Its place in the route `default` among those of equal priority, lower first. */
  readonly defaultOrder: number;
  /** Names that `api` may have, the usual one first; empty: there is no choice. */
  readonly apis: readonly string[];
  readonly settings: readonly KindSetting[];
  create(options: ProviderOptions): Provider;
}
