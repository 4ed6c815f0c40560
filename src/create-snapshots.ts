// What calls can be sent to: the configuration as a snapshot, with the adapters, prices and model facts behind it.

import { buildSnapshot } from "./config/build-snapshot.ts";
import type { Configuration } from "./config/configuration.ts";
import type { KeyedProvider } from "./config/keyed-provider.ts";
import { type Adapters, createAdapters } from "./config/managed/adapters.ts";
import type { NetworkCheck } from "./config/networks.ts";
import { policyOfSettings } from "./config/policy-in-force.ts";
import { withConfiguredModels } from "./core/configured-models.ts";
import type { ReportFault } from "./core/errors.ts";
import type { OpenCalls } from "./core/open-calls.ts";
import { withConfiguredPrices } from "./core/pricing/configured-prices.ts";
import type { Provider } from "./core/provider.ts";
import type { Snapshot } from "./core/snapshot.ts";
import { createSnapshotHolder, type SnapshotHolder } from "./core/snapshot-holder.ts";
import { createAdapter } from "./create-adapter.ts";
import { createModelTable } from "./providers/catalog/model-table.ts";
import { knownByOtherNames } from "./providers/catalog/known-by-other-names.ts";
import { createPriceList } from "./providers/catalog/price-list.ts";
import { otherNamesIn } from "./providers/other-names.ts";
import { priceListIds } from "./providers/provider-table.ts";

export interface SnapshotsParts {
  readonly openCalls: OpenCalls;
  /** Where a provider that is added at run time may be. */
  readonly allowsAddress: NetworkCheck;
  readonly reportFault: ReportFault;
}

export interface Snapshots {
  readonly snapshots: SnapshotHolder;
  readonly adapters: Adapters;
  /** Makes an adapter that is nobody's. */
  readonly createAdapter: (provider: KeyedProvider) => Provider;
  readonly build: (configuration: Configuration) => Snapshot;
}

/** @throws ConfigurationError for what cannot be served */
export function createSnapshots(configuration: Configuration, parts: SnapshotsParts): Snapshots {
  const { settings } = configuration;
  const { openCalls, allowsAddress, reportFault } = parts;
  const create = (provider: KeyedProvider) => createAdapter(provider, allowsAddress);
  const adapters = createAdapters({
    create,
    heldBefore: (version) => openCalls.someBefore(version),
    reportFault,
  });
  const priceList = createPriceList(priceListIds);
  const build = (whole: Configuration) => {
    const otherNames = otherNamesIn(whole.providers);
    const known = knownByOtherNames(priceList, otherNames);
    const prices = withConfiguredPrices(configuration.prices ?? [], known, otherNames);
    const modelTable = createModelTable(known, { prices, otherNames });
    return buildSnapshot(whole, {
      createAdapter: (provider) => adapters.of(provider),
      prices,
      modelTable: withConfiguredModels(configuration.models ?? [], modelTable),
      loggingPolicy: settings.loggingPolicy,
      bodyKeepMaxBytes: settings.bodyKeepMaxBytes,
    });
  };
  const snapshots = createSnapshotHolder(build(configuration), policyOfSettings(settings));
  return { snapshots, adapters, createAdapter: create, build };
}
