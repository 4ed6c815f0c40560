// What the configuration has to know of a kind of provider; the providers' table has it.

/** A text, or a mapping of texts. */
export type SettingValue = string | Readonly<Record<string, string>>;

/** A setting that only this kind has. */
export interface KindSettingDefaults {
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

export interface KindVariableNames {
  readonly loadedBy: "apiKey" | "credential" | "baseUrl";
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly baseUrlAlias?: string | undefined;
  readonly model: string;
  readonly priority: string;
}

export interface KindDefaults {
  readonly kind: string;
  /** Absent: it is configured in the file alone. */
  readonly env?: KindVariableNames | undefined;
  readonly keyOptional: boolean;
  /** `{region}` stands for the setting `region`. Absent: the address has to be given. */
  readonly defaultBaseUrl?: string | undefined;
  /** Absent: what the provider's own list has. */
  readonly defaultModel?: string | undefined;
  /** Its place in the automatic route among kinds of one priority; lower is earlier. */
  readonly defaultOrder: number;
  /** Names that `api` may have; empty: there is no choice. */
  readonly apis: readonly string[];
  readonly settings: readonly KindSettingDefaults[];
}
