// Azure's ways of addressing a model.
// Source: learn.microsoft.com/azure/ai-foundry/openai/reference, …/openai/api-version-lifecycle (v1), and
// learn.microsoft.com/rest/api/aifoundry/modelinference (`/models`)

import { deploymentOf } from "../deployment.ts";
import { callPaths } from "./address.ts";
import type { Adaption, Address, AddressQuery, Place } from "./family-member.ts";

/** The newest dated version that is generally available, and that of the `/models` endpoint. */
const deploymentsVersion = "2024-10-21";
const modelsVersion = "2024-05-01-preview";

/**
 * The endpoint may stand alone, or hold the way already: `/openai/v1`, `/openai/deployments/x`, `/models`. Alone,
 * the setting `apiVersion` chooses: `v1` or `preview` for `/openai/v1`, a date for the model's deployment, which
 * the setting `deployments` names; absent there, it bears the model's name.
 */
export function azureAddress({ call, model, baseUrl, settings }: AddressQuery): Address {
  const { apiVersion } = settings;
  const deployment = deploymentOf(model, settings);
  const version = typeof apiVersion === "string" ? apiVersion : "";
  const undated = version === "v1" || version === "preview";
  const dated = undated ? "" : version;
  const at = (before: string, query: string): Address => ({
    path: `${before}${callPaths[call]}${query === "" ? "" : `?api-version=${encodeURIComponent(query)}`}`,
    model: deployment,
  });
  // The v1 API is the stable one where no version is told.
  const preview = version === "preview" ? version : "";
  if (baseUrl.endsWith("/openai/v1")) return at("", preview);
  if (/\/openai\/deployments\/[^/]+$/.test(baseUrl)) return at("", dated || deploymentsVersion);
  if (baseUrl.endsWith("/models")) return at("", dated || modelsVersion);
  const openAi = baseUrl.endsWith("/openai") ? "" : "/openai";
  if (undated) return at(`${openAi}/v1`, preview);
  const before = call === "models" ? openAi : `${openAi}/deployments/${encodeURIComponent(deployment)}`;
  return at(before, dated || deploymentsVersion);
}

/** Versions before this one know neither. */
const firstWithStreamOptions = "2024-09-01";

/**
 * What the version or the endpoint takes otherwise: deployments before the autumn of 2024 refuse the newer members,
 * and `/models` documents `max_tokens` alone.
 */
export function azureAdaption({ baseUrl, settings }: Place): Adaption {
  const { apiVersion } = settings;
  if (baseUrl.endsWith("/models")) return { maxTokensField: "max_tokens" };
  const dated =
    typeof apiVersion === "string" && /^\d{4}-/.test(apiVersion) && !baseUrl.endsWith("/openai/v1");
  return dated && apiVersion < firstWithStreamOptions
    ? { maxTokensField: "max_tokens", takesStreamOptions: false }
    : {};
}
