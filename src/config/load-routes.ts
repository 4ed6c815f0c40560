// Routes and use cases of the YAML file.

import { checkRoute } from "./check-route.ts";
import { ConfigurationError, type ProviderConfiguration, type RouteConfiguration } from "./configuration.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";

/** @throws ConfigurationError */
export function fileRoutes(
  { file, kinds }: ConfigurationSources,
  providers: readonly ProviderConfiguration[],
): readonly RouteConfiguration[] {
  const entries = Object.entries(file?.content.routes ?? {});
  const routes = ["default", ...entries.map(([name]) => name)];
  return entries.map(([name, entry]) =>
    checkRoute({
      name,
      source: "file",
      entry,
      place: `${file?.path}: routes.${name}`,
      providers,
      kinds,
      routes,
    }),
  );
}

/** Use case to route. @throws ConfigurationError */
export function fileUseCases(
  file: ConfigurationSources["file"],
  routes: readonly RouteConfiguration[],
): Readonly<Record<string, string>> {
  const useCases = Object.entries(file?.content.useCases ?? {});
  for (const [name, { route }] of useCases) {
    if (route === "default" || routes.some((known) => known.name === route)) continue;
    const known = ["default", ...routes.map((each) => each.name)].join(", ");
    throw new ConfigurationError(
      `${file?.path}: useCases.${name}.route: "${route}" is no route. There are: ${known}.`,
    );
  }
  return Object.fromEntries(useCases.map(([name, { route }]) => [name, route]));
}
