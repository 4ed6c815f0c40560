// The composition root: from a configuration to a gateway. Also the library: `createGateway(…)` gives what
// all front ends use.

import { createHash, getRandomValues } from "node:crypto";
import { buildSnapshot } from "./config/build-snapshot.ts";
import {
  type Configuration,
  ConfigurationError,
  type ProviderConfiguration,
} from "./config/configuration.ts";
import { parseNetworks } from "./config/setting-table.ts";
import { createAccess } from "./core/access/create-access.ts";
import { assembleGateway } from "./core/assemble-gateway.ts";
import type { Gateway } from "./core/gateway.ts";
import { createIdSource } from "./core/ids.ts";
import type { Provider } from "./core/provider.ts";
import { createDatabase, type Database } from "./db/database.ts";
import { createPriceList } from "./providers/price-list.ts";
import { providerTable } from "./providers/provider-table.ts";
import { systemClock } from "./system-clock.ts";
import type { Log } from "./telemetry/log.ts";

export interface GatewayResources {
  readonly log: Log;
  /** Closed after the last call and before the database: what was started for this gateway alone. */
  readonly release?: () => Promise<void>;
}

/** The CPU of the database's thread is told apart from the serving thread's. */
export interface RunningGateway extends Gateway {
  readonly database: Pick<Database, "refused" | "cpuMs">;
}

/**
 * @throws ConfigurationError for what cannot be served; DatabaseError when the records cannot be kept
 */
export async function createGateway(
  configuration: Configuration,
  resources: GatewayResources,
): Promise<RunningGateway> {
  const { settings } = configuration;
  const { log } = resources;
  const networks = parseNetworks(settings.keylessNetworks);
  const access = createAccess({
    apiKeys: settings.apiKeys,
    authRequired: settings.authRequired,
    servesKeyless: (address) => networks?.check(address, address.includes(":") ? "ipv6" : "ipv4") ?? false,
    allowedHosts: settings.allowedHosts,
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  });
  const snapshot = buildSnapshot(configuration, {
    createAdapter,
    prices: createPriceList(),
    loggingPolicy: settings.loggingPolicy ?? (access.keyless ? "full" : "metadata"),
  });
  const database = await createDatabase({
    url: settings.databaseUrl,
    bodyKeepMaxBytes: settings.bodyKeepMaxBytes,
    queueMax: settings.recordQueueMax,
    clock: systemClock,
    warn: (message) => log.warn(message),
  });
  const gateway = assembleGateway({
    snapshot: () => snapshot,
    ledger: database.ledger,
    records: database.records,
    access,
    clock: systemClock,
    newId: createIdSource({ clock: systemClock, fillRandom: (bytes) => getRandomValues(bytes) }),
    readiness: () => ({ ready: true, problems: database.problems() }),
    async release() {
      await resources.release?.();
      await database.close();
    },
  });
  return { ...gateway, database };
}

function createAdapter({ name, kind, baseUrl, apiKey }: ProviderConfiguration): Provider {
  const entry = Object.values(providerTable).find((known) => known.kind === kind);
  if (entry === undefined) throw new ConfigurationError(`${name}: "${kind}" is no kind of provider.`);
  return entry.create({ baseUrl, apiKey });
}
