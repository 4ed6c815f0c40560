// Who we are to the vendor, and where it is: from the provider's configuration.

import type { ProviderOptions } from "../provider-kind.ts";
import type { Signer } from "../upstream/upstream.ts";
import type { AwsSigning } from "./sign-aws.ts";

/** The vendor's endpoint of a region, or the one that is configured, where `{region}` stands for the setting. */
export function baseUrlOf(options: ProviderOptions): string {
  const region = regionOf(options);
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  if (options.baseUrl === "") return `https://bedrock-runtime.${region}.${domain}`;
  return options.baseUrl.replaceAll("{region}", region).replace(/\/+$/, "");
}

/** The one that is set, else that of the endpoint, else the vendor's first. */
function regionOf({ baseUrl, settings }: ProviderOptions): string {
  const [, ofEndpoint] = /\bbedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./.exec(baseUrl) ?? [];
  return textOf(settings?.["region"]) ?? ofEndpoint ?? "us-east-1";
}

/**
 * A Bedrock API key goes as a bearer; keys of AWS's sign every request. With neither, requests go out unsigned: a
 * server in between may sign them.
 */
export function signerOf(options: ProviderOptions, nowMs: () => number): Signer {
  const { apiKey, settings } = options;
  const accessKeyId = textOf(settings?.["accessKeyId"]);
  const secretAccessKey = textOf(settings?.["secretAccessKey"]);
  if (apiKey === "" && accessKeyId !== undefined && secretAccessKey !== undefined) {
    const sessionToken = textOf(settings?.["sessionToken"]);
    const region = regionOf(options);
    return lazily({ service: "bedrock", region, accessKeyId, secretAccessKey, sessionToken, nowMs });
  }
  const headers: Readonly<Record<string, string>> =
    apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` };
  return () => Promise.resolve(headers);
}

/** Loaded with the first request: most gateways sign none. */
function lazily(signing: AwsSigning): Signer {
  let loaded: Promise<Signer> | undefined;
  return async (request, url) => {
    loaded ??= import("./sign-aws.ts").then(({ createAwsSigner }) => createAwsSigner(signing));
    return (await loaded)(request, url);
  };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
