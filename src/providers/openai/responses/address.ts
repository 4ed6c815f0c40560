// Where a member is asked.
// Source for Azure: learn.microsoft.com/azure/ai-foundry/openai/how-to/responses, …/openai/api-version-lifecycle (v1)

import type { ProviderSettings } from "../credential.ts";
import { deploymentOf } from "../deployment.ts";
import type { ResponsesMember } from "./member.ts";

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
  const query = settings["apiVersion"] === "preview" ? "?api-version=preview" : "";
  return { path: `${missing(basePath, baseUrl)}/responses${query}`, model: deploymentOf(model, settings) };
}

function missing(basePath: string, baseUrl: string): string {
  const segments = basePath.split("/");
  for (let held = segments.length; held > 1; held -= 1) {
    if (baseUrl.endsWith(segments.slice(0, held).join("/"))) return ["", ...segments.slice(held)].join("/");
  }
  return basePath;
}
