// Asks the gateway of this machine whether it lives, for a container's health check: exit code 0 or 1. It reads
// the same configuration as the gateway to know where that listens.

import { loadConfiguration } from "../config/load-configuration.ts";
import { readSources } from "../config/read-sources.ts";
import { askHealth } from "./ask-health.ts";
import { httpUrlOf } from "./gateway-address.ts";

const timeoutMs = 3_000;

async function gatewayUrl(): Promise<URL> {
  const argv = process.argv.slice(2);
  const sources = await readSources({ argv, environment: process.env, kinds: [] });
  // Providers and routes are none of its business, and loading them would take longer than the question.
  const { file } = sources;
  const { providers: _providers, routes: _routes, useCases: _useCases, ...content } = file?.content ?? {};
  return httpUrlOf(loadConfiguration({ ...sources, file: file && { path: file.path, content } }).settings);
}

try {
  await askHealth(await gatewayUrl(), AbortSignal.timeout(timeoutMs));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
