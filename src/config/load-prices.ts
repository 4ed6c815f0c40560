// Prices of the YAML file: by provider and model, in dollars per million tokens, each a version or a list of them.

import { createHash } from "node:crypto";
import type { ConfiguredPrice, PriceTier, PriceVersion } from "../core/pricing/configured-prices.ts";
import type { Price } from "../core/pricing/price.ts";
import { ConfigurationError, type ProviderConfiguration } from "./configuration.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";
import { fileFault } from "./file-fault.ts";
import { type FileVersion, tierSchema, versionSchema, versionsSchema } from "./price-schema.ts";

/** @throws ConfigurationError */
export function filePrices(
  file: ConfigurationSources["file"],
  providers: readonly ProviderConfiguration[],
): readonly ConfiguredPrice[] {
  return Object.entries(file?.content.prices ?? {}).map(([key, entry]) => {
    const place = `${file?.path}: prices.${key}`;
    const { provider, model } = targetOf(key, { place, providers });
    const versions = versionsOf(entry, { key, path: file?.path ?? "" });
    checkTimes(versions, place);
    return {
      provider,
      model,
      versions: versions.map((version) => versionNamed(`configured/${key}`, version)),
    };
  });
}

function targetOf(
  key: string,
  { place, providers }: { readonly place: string; readonly providers: readonly ProviderConfiguration[] },
): { readonly provider: string; readonly model: string | undefined } {
  const slash = key.indexOf("/");
  const provider = key.slice(0, Math.max(slash, 0));
  const model = key.slice(slash + 1);
  if (provider === "" || model === "" || (model.includes("*") && model !== "*")) {
    throw new ConfigurationError(
      `${place}: must be named provider/model, or provider/* for all of its models.`,
    );
  }
  if (!providers.some(({ name }) => name === provider)) {
    const known = providers.map(({ name }) => name).join(", ") || "none";
    throw new ConfigurationError(`${place}: "${provider}" is not configured. There are: ${known}.`);
  }
  return { provider, model: model === "*" ? undefined : model };
}

function versionsOf(
  entry: unknown,
  { key, path }: { readonly key: string; readonly path: string },
): readonly FileVersion[] {
  const result = Array.isArray(entry) ? versionsSchema.safeParse(entry) : versionSchema.safeParse(entry);
  if (result.success) return [result.data].flat();
  const { issues } = result.error;
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  const fault =
    issue &&
    fileFault(
      { ...issue, path: ["prices", key, ...issue.path] },
      { document: { prices: { [key]: entry } }, mayShow: () => true, keysAt },
    );
  throw new ConfigurationError(`${path}: ${fault ?? `prices.${key}: is wrong.`}`);
}

const keysAt = (path: readonly PropertyKey[]): readonly string[] =>
  Object.keys((path.includes("above") ? tierSchema : versionSchema).shape);

function checkTimes(versions: readonly FileVersion[], place: string): void {
  for (const [i, { from, above = [] }] of versions.entries()) {
    const same = versions.findIndex((other) => other.from === from);
    if (same < i) {
      throw new ConfigurationError(
        `${place}[${i}].from: is ${from === undefined ? "missing" : "the same"} as in [${same}]; ` +
          "each version needs a time of its own.",
      );
    }
    const starts = above.map(({ tokens }) => tokens);
    if (new Set(starts).size === starts.length) continue;
    const at = versions.length > 1 ? `[${i}]` : "";
    throw new ConfigurationError(`${place}${at}.above: has two entries with the same tokens.`);
  }
}

function versionNamed(name: string, { from, above = [], ...base }: FileVersion): PriceVersion {
  const since =
    from === undefined
      ? ""
      : `@${new Date(from).toISOString().replace("T00:00:00.000Z", "").replace(".000Z", "Z")}`;
  const tier = ({ tokens, ...over }: NonNullable<FileVersion["above"]>[number]): PriceTier => ({
    aboveTokens: tokens,
    // What a tier does not name costs what it costs below.
    price: priceNamed(`${name}${since}>${tokens}`, { ...base, ...over, input: over.input ?? base.input }),
  });
  return { fromMs: from, price: priceNamed(`${name}${since}`, base), tiers: above.map(tier) };
}

function priceNamed(name: string, told: Omit<FileVersion, "from" | "above">): Price {
  const price = {
    inputPicos: told.input,
    outputPicos: told.output,
    cacheReadPicos: told.cacheRead,
    cacheWritePicos: told.cacheWrite,
    cacheWriteLongPicos: told.cacheWriteLong,
    inputAudioPicos: told.inputAudio,
    cacheReadAudioPicos: told.cacheReadAudio,
    reasoningPicos: told.reasoning,
    outputAudioPicos: told.outputAudio,
  };
  // The file may change under the same name and time: what was priced otherwise has another version.
  const digest = createHash("sha256").update(Object.values(price).join()).digest("hex").slice(0, 8);
  return { version: `${name}#${digest}`, ...price };
}
