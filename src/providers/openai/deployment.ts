import type { ProviderSettings } from "./credential.ts";

/** The deployment that the settings name for a model; absent there, it bears the model's name. Callers choose the model. */
export function deploymentOf(model: string, { deployments }: ProviderSettings): string {
  if (typeof deployments !== "object" || !Object.hasOwn(deployments, model)) return model;
  return deployments[model] ?? model;
}

/** A model's deployment, and the models that this is the deployment of: callers may name either. Case tells nothing. */
export function otherNamesByDeployment(model: string, settings: ProviderSettings): readonly string[] {
  const { deployments } = settings;
  if (typeof deployments !== "object") return [];
  const lower = model.toLowerCase();
  const models = Object.keys(deployments).filter((name) => deployments[name]?.toLowerCase() === lower);
  return [deploymentOf(model, settings), ...models].filter((name) => name !== model);
}
