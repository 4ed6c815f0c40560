// What is known of a kind of provider before one is configured: how it is configured, and what holds where the
// configuration says nothing.

/** A text, or a mapping of texts, as a kind's own settings have it. */
export type SettingValue = string | Readonly<Record<string, string>>;

/** A setting that only this kind has. */
export interface KindSetting {
  /** In the provider's entry of the YAML file. */
  readonly key: string;
  /** In the environment; a map is written `name=value,name=value` there. */
  readonly variable: string;
  readonly form: "text" | "map";
  /** Of a setting that stands for the key: whether it has to be there when another one of them is. */
  readonly required: boolean;
  /** Part of a credential that is given in the key's place: a whole one makes the key optional. */
  readonly standsForKey?: boolean | undefined;
  /** A map's names are models that the provider has, the first one its default. */
  readonly namesModels?: boolean | undefined;
}

/** Names of the environment variables that a kind is configured by. */
export interface KindVariables {
  /**
   * What makes it load itself: its key, its key or what stands for it, or its address (its key is then
   * optional).
   */
  readonly loadedBy: "apiKey" | "credential" | "baseUrl";
  readonly apiKey: string;
  readonly baseUrl: string;
  /** Another name for the address that the vendor's users know. */
  readonly baseUrlAlias?: string | undefined;
  readonly model: string;
  /** An integer, higher first. */
  readonly priority: string;
  readonly breakerFailureThreshold: string;
  readonly breakerResetTimeoutSeconds: string;
}

export interface KindDefaults {
  readonly kind: string;
  /** Absent: it is configured in the file alone. */
  readonly env?: KindVariables | undefined;
  /** Whether it can be asked without a key. */
  readonly keyOptional: boolean;
  /** `{region}` stands for the setting `region`. Absent: the address has to be given. */
  readonly defaultBaseUrl?: string | undefined;
  /** What the route `default` asks of it where nothing else is said; absent: what the provider's own list has. */
  readonly defaultModel?: string | undefined;
  /** Its place in the route `default` among those of equal priority, lower first. */
  readonly defaultOrder: number;
  /** Whether it tells its models: what does not cannot be probed. */
  readonly listsModels: boolean;
  /** Names that `api` may have, the usual one first; empty: there is no choice. */
  readonly apis: readonly string[];
  readonly settings: readonly KindSetting[];
}
