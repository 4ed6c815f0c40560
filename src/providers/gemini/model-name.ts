// How a model is named in addresses and bodies. Source: ai.google.dev/api/models

const collections = ["models/", "tunedModels/"] as const;

/** The model's resource name: `models/…` unless it names its collection itself. */
export const resourceName = (model: string): string =>
  collections.some((collection) => model.startsWith(collection)) ? model : `models/${model}`;

/** A model is also known by its resource name. */
export const otherNames = (model: string): readonly string[] =>
  model.startsWith(collections[0]) ? [model.slice(collections[0].length)] : [resourceName(model)];

/** The resource name as a path. */
export function resourcePath(model: string): string {
  const name = resourceName(model);
  const slash = name.indexOf("/") + 1;
  return name.slice(0, slash) + encodeURIComponent(name.slice(slash).toWellFormed());
}

/** The base URL and the version of the API that paths begin with: one that the URL ends with is kept. */
export function splitBaseUrl(url: string): { readonly baseUrl: string; readonly version: string } {
  const baseUrl = url.replace(/\/+$/, "");
  const [version = ""] = /\/v\d+[a-z0-9]*$/.exec(baseUrl) ?? [];
  return version === ""
    ? { baseUrl, version: "/v1beta" }
    : { baseUrl: baseUrl.slice(0, -version.length), version };
}
