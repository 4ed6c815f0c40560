// Asks the gateway of this machine whether it lives, for a container's health check: exit code 0 or 1. It reads
// the same configuration as the gateway to know where that listens.

import { readSettings } from "../config/read-settings.ts";
import { askHealth } from "./ask-health.ts";
import { httpUrlOf } from "./gateway-address.ts";

const timeoutMs = 3_000;

try {
  const settings = await readSettings({ argv: process.argv.slice(2), environment: process.env });
  await askHealth(httpUrlOf(settings), AbortSignal.timeout(timeoutMs));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
