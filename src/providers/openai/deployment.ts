import type { ProviderSettings } from "./credential.ts";

/** The deployment that the settings name for a model; absent there, it bears the model's name. Callers choose the model. */
export function deploymentOf(model: string, { deployments }: ProviderSettings): string {
  if (typeof deployments !== "object" || !Object.hasOwn(deployments, model)) return model;
  return deployments[model] ?? model;
}
