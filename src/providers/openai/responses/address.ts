// Where a member is asked, and with what proof of who we are.
// Source for Azure: learn.microsoft.com/azure/ai-foundry/openai/how-to/responses, …/openai/api-version-lifecycle (v1)

import type { ProviderSettings, ResponsesMember } from "./member.ts";

export interface Address {
  /** Behind the base URL, with a leading slash. */
  readonly path: string;
  /** The model as it stands in the body. */
  readonly model: string;
}

export interface AddressQuery {
  readonly model: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly settings: ProviderSettings;
}

/** The base URL may hold the base path already, whole or as far as its first segments go. */
export function addressOf(
  { basePath }: ResponsesMember,
  { model, baseUrl, settings }: AddressQuery,
): Address {
  const { deployments, apiVersion } = settings;
  const deployment = typeof deployments === "object" ? deployments[model] : undefined;
  const query = apiVersion === "preview" ? "?api-version=preview" : "";
  return { path: `${missing(basePath, baseUrl)}/responses${query}`, model: deployment ?? model };
}

function missing(basePath: string, baseUrl: string): string {
  const segments = basePath.split("/");
  for (let held = segments.length; held > 1; held -= 1) {
    if (baseUrl.endsWith(segments.slice(0, held).join("/"))) return ["", ...segments.slice(held)].join("/");
  }
  return basePath;
}

/** The headers that hold the key. */
export function authOf(
  { auth }: ResponsesMember,
  { apiKey, settings }: { readonly apiKey: string; readonly settings: ProviderSettings },
): Readonly<Record<string, string>> {
  const { adToken } = settings;
  if (auth === "api-key" && typeof adToken === "string" && adToken !== "") {
    return { authorization: `Bearer ${adToken}` };
  }
  if (apiKey === "") return {};
  return auth === "api-key" ? { "api-key": apiKey } : { authorization: `Bearer ${apiKey}` };
}
