// The real core over the real adapters of a configuration, without a database, and with parts that a test holds in
// its hand.

import { createHash, getRandomValues } from "node:crypto";
import { buildSnapshot, type SnapshotParts } from "../../../src/config/build-snapshot.ts";
import type { Configuration } from "../../../src/config/configuration.ts";
import { createAccess } from "../../../src/core/access/create-access.ts";
import { assembleGateway, type OverloadLimits } from "../../../src/core/assemble-gateway.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { createIdSource } from "../../../src/core/ids.ts";
import { TargetStates } from "../../../src/core/routing/targets/target-states.ts";
import { createSnapshotHolder } from "../../../src/core/snapshot-holder.ts";
import type { Ledger } from "../../../src/core/usage/ledger.ts";
import type { Records } from "../../../src/core/usage/records.ts";
import { createModelTable } from "../../../src/providers/catalog/model-table.ts";
import { createPriceList } from "../../../src/providers/catalog/price-list.ts";
import { priceListIds } from "../../../src/providers/provider-table.ts";
import { noChanges } from "../../support/no-changes.ts";
import { noRecords } from "../../support/no-records.ts";
import { utf8Bytes } from "../../support/utf8-bytes.ts";
import { digest } from "../../support/digest.ts";

export interface PartsInHand {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly records?: Records | undefined;
  readonly createAdapter: SnapshotParts["createAdapter"];
  readonly overload?: OverloadLimits | undefined;
}

export function assembleOver(configuration: Configuration, parts: PartsInHand): Gateway {
  const { clock, ledger, records = noRecords, createAdapter, overload } = parts;
  const prices = createPriceList(priceListIds);
  const modelTable = createModelTable(prices);
  const snapshot = buildSnapshot(configuration, {
    createAdapter,
    prices,
    modelTable,
    loggingPolicy: "metadata",
  });
  return assembleGateway({
    snapshots: createSnapshotHolder(snapshot),
    ledger,
    records,
    access: createAccess({
      apiKeys: configuration.settings.apiKeys,
      servesKeyless: () => true,
      allowedHosts: [],
      digest: (text) => createHash("sha256").update(text).digest("hex"),
    }),
    clock,
    newId: createIdSource({ clock, fillRandom: (bytes) => getRandomValues(bytes) }),
    utf8Bytes,
    digest,
    reportFault() {},
    problems: () => [],
    settingsChanges: noChanges,
    states: new TargetStates(clock),
    random: () => 0,
    overload,
    release: () => Promise.resolve(),
  });
}
