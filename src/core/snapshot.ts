// The configuration in force: immutable, with a version. A call keeps the one that it began with.

import type { ModelTable } from "./models.ts";
import type { PriceList } from "./pricing/price.ts";
import type { Provider } from "./provider.ts";

/** What of a call's content is kept: bodies, or labels, counts and lengths, or the accounting row alone. */
export type LoggingPolicy = "full" | "metadata" | "none";

export type ConfigurationSource = "environment" | "file" | "default" | "library";

export interface ConfiguredProvider {
  readonly name: string;
  readonly kind: string;
  readonly source: ConfigurationSource;
  readonly priority: number;
  readonly baseUrl: string;
  /** Models that the configuration names for it, its default first. */
  readonly models: readonly string[];
  readonly adapter: Provider;
}

export interface Target {
  readonly provider: ConfiguredProvider;
  readonly model: string;
  readonly priority: number;
  /** Which of its vendor's APIs is asked, where there are several; absent: the provider's own choice. */
  readonly api?: string | undefined;
  /** Targets that declare the same name give vectors that can be compared. */
  readonly vectorSpace?: string | undefined;
}

export interface Route {
  readonly name: string;
  readonly source: ConfigurationSource;
  readonly strategy: "priority";
  /** In the order in which they are tried. */
  readonly targets: readonly Target[];
}

export interface UseCase {
  readonly route: string;
}

export interface Snapshot {
  readonly version: number;
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly routes: ReadonlyMap<string, Route>;
  readonly useCases: ReadonlyMap<string, UseCase>;
  readonly loggingPolicy: LoggingPolicy;
  readonly prices: PriceList;
  readonly modelTable: ModelTable;
}
