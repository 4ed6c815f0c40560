// The settings alone, for programs beside the gateway: providers and routes are none of their business, and loading
// them would take longer than what they do.

import type { Settings } from "./configuration.ts";
import { loadConfiguration } from "./load-configuration.ts";
import { readSources } from "./read-sources.ts";

/** @throws ConfigurationError for a setting that is not allowed */
export async function readSettings(
  given: Omit<Parameters<typeof readSources>[0], "kinds">,
): Promise<Settings> {
  const sources = await readSources({ ...given, kinds: [] });
  const { file } = sources;
  const {
    providers: _providers,
    routes: _routes,
    useCases: _useCases,
    prices: _prices,
    ...content
  } = file?.content ?? {};
  return loadConfiguration({ ...sources, file: file && { path: file.path, content } }).settings;
}
