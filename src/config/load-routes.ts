// Routes and use cases of the YAML file.

import {
  ConfigurationError,
  type ProviderConfiguration,
  type RouteConfiguration,
  type TargetConfiguration,
} from "./configuration.ts";
import { checkedApi } from "./check-api.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";

/** @throws ConfigurationError */
export function fileRoutes(
  { file, kinds }: ConfigurationSources,
  providers: readonly ProviderConfiguration[],
): readonly RouteConfiguration[] {
  const checked = (target: TargetConfiguration, place: string): TargetConfiguration => {
    const provider = providers.find(({ name }) => name === target.provider);
    if (provider === undefined) {
      const known = providers.map(({ name }) => name).join(", ") || "none";
      throw new ConfigurationError(
        `${place}.provider: "${target.provider}" is not configured. There are: ${known}.`,
      );
    }
    const kind = kinds.find((each) => each.kind === provider.kind);
    return { ...target, api: checkedApi(target.api, { place: `${place}.api`, kind }) };
  };
  return Object.entries(file?.content.routes ?? {}).map(([name, { strategy, targets }]) => ({
    name,
    source: "file",
    strategy: strategy ?? "priority",
    targets: targets.map((target, i) => checked(target, `${file?.path}: routes.${name}.targets[${i}]`)),
  }));
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
