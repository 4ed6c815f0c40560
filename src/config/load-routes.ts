// Routes and use cases of the YAML file.

import type { UseCase } from "../core/snapshot.ts";
import { checkRoute } from "./check-route.ts";
import { ConfigurationError, type ProviderConfiguration, type RouteConfiguration } from "./configuration.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";
import { parseEntry } from "./parse-entry.ts";
import { useCaseSchema } from "./use-case-schema.ts";

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

/** @throws ConfigurationError */
export function fileUseCases(
  file: ConfigurationSources["file"],
  routes: readonly RouteConfiguration[],
): Readonly<Record<string, UseCase>> {
  const known = [...new Set(["default", ...routes.map(({ name }) => name)])];
  const entries = Object.entries(file?.content.useCases ?? {}).map(([name, entry]) => {
    const place = `${file?.path}: useCases.${name}`;
    const useCase = parseEntry(useCaseSchema, entry, { place });
    if (known.includes(useCase.route)) return [name, useCase] as const;
    throw new ConfigurationError(
      `${place}.route: "${useCase.route}" is no route. There are: ${known.join(", ")}.`,
    );
  });
  return Object.fromEntries(entries);
}
