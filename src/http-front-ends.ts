// What an HTTP port serves, in the order in which paths are looked up.

import { randomUUID } from "node:crypto";
import { authEndpoints, isAuthPath } from "./api/auth/auth-path.ts";
import type { TrustsProxy } from "./api/client-address.ts";
import { graphqlEndpoints, isGraphqlPath } from "./api/graphql/graphql-path.ts";
import type { HttpFrontEnd } from "./api/http-front-end.ts";
import { createLazyFrontEnd } from "./api/lazy-front-end.ts";
import { createMetricsReaders, type MetricsReadersOptions } from "./api/metrics-readers.ts";
import { createOpenAiFrontEnd } from "./api/openai/openai-front-end.ts";
import { createOperationsFrontEnd } from "./api/operations-front-end.ts";
import { createPlainFrontEnd } from "./api/plain/plain-front-end.ts";
import { isServicePath } from "./api/rpc/service-path.ts";
import { connectEndpoints } from "./api/rpc/services.ts";
import type { Clock } from "./core/clock.ts";
import type { ReportFault } from "./core/errors.ts";
import type { Gateway } from "./core/gateway.ts";
import { createProcessMetrics } from "./telemetry/process-metrics.ts";
import { version } from "./version.ts";

export interface FrontEndParts {
  readonly gateway: Gateway;
  /** Whether what administrators ask is served too. */
  readonly administration: boolean;
  readonly trustsProxy: TrustsProxy;
  readonly publicUrl: string | undefined;
  readonly metricsReaders: MetricsReadersOptions;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  readonly reportFault: ReportFault | undefined;
}

export function httpFrontEnds(parts: FrontEndParts): readonly HttpFrontEnd[] {
  const { gateway, administration, trustsProxy, clock, reportFault } = parts;
  const lazy = { clock, reportFault, upgrades: false };
  const auth = createLazyFrontEnd({
    ...lazy,
    endpoints: authEndpoints,
    serves: isAuthPath,
    load: async () =>
      (await import("./api/auth/auth-front-end.ts")).createAuthFrontEnd({ ...parts, newId: randomUUID }),
  });
  return [
    // First the one that is asked most.
    createOpenAiFrontEnd(parts),
    createPlainFrontEnd(parts),
    createLazyFrontEnd({
      ...lazy,
      endpoints: connectEndpoints,
      serves: isServicePath,
      load: async () => (await import("./api/rpc/connect-front-end.ts")).createConnectFrontEnd(parts),
    }),
    createLazyFrontEnd({
      ...lazy,
      upgrades: true,
      endpoints: graphqlEndpoints,
      serves: isGraphqlPath,
      load: async () => (await import("./api/graphql/graphql-front-end.ts")).createGraphqlFrontEnd(parts),
    }),
    ...(administration ? [auth] : []),
    createOperationsFrontEnd({
      gateway,
      checkMetricsReader: createMetricsReaders({ ...parts.metricsReaders, gateway, trustsProxy }),
      process: createProcessMetrics({ clock, version }),
      reportFault,
    }),
  ];
}
