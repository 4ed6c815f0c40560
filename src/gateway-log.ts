// What the gateway's log tells of providers, for those who look after it.

import type { BreakerChange } from "./core/routing/targets/target-states.ts";
import type { ConfiguredProvider } from "./core/snapshot.ts";
import type { Log } from "./telemetry/log.ts";

export function tellBreakerChange(log: Log, change: BreakerChange): void {
  const { model, to } = change;
  const who = model === undefined ? "a provider" : "a target";
  if (to === "open") log.warn(`${who} is left alone after failures`, { ...change });
  else log.info(to === "closed" ? `${who} is asked again` : `${who} is probed`, { ...change });
}

/** `provider`: its name alone where it is gone meanwhile. */
export function tellMissingPrice(
  log: Log,
  { model, provider }: { readonly model: string; readonly provider: ConfiguredProvider | string },
): void {
  const { name, source } = typeof provider === "string" ? { name: provider, source: undefined } : provider;
  log.warn(
    `No price is known for ${name}/${model}: its calls are recorded with cost null. ` +
      (source === "managed"
        ? "Prices of one's own are for providers of sluice.yaml: write it there, with its `prices`."
        : "Give it one under `prices` in sluice.yaml."),
  );
}
