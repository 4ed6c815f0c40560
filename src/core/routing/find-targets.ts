// The targets of a call that its principal may use, with the providers' own lists of models where the configuration does not know one.

import { allowedTargets, allows } from "../access/allowed-targets.ts";
import type { Call } from "../call.ts";
import { entryOfCall } from "../directory/audit-entry.ts";
import type { AuditTrail } from "../directory/audit.ts";
import type { ModelLists } from "../model-lists.ts";
import type { OperationShape } from "../operation-shape.ts";
import { untilAborted } from "../until-aborted.ts";
import {
  type AskedModel,
  type Lists,
  type ResolvedModel,
  resolveConfigured,
  resolveModel,
} from "./resolve-model.ts";

export interface FindTargetsPorts {
  readonly modelLists: ModelLists;
  readonly auditTrail: AuditTrail;
}

const askedBy = <S extends OperationShape>({
  operation,
  request,
  labels,
  principal,
}: Call<S>): AskedModel => ({
  model: operation.modelAsked(request),
  useCase: labels["use_case"],
  mayUse: (target) => allows(principal, target),
});

/**
 * The targets of a call, found once, whoever asks first; without a promise where the configuration knows them.
 * @throws GatewayError as those below do
 */
export function targetsOf<S extends OperationShape>(
  call: Call<S>,
  { modelLists, auditTrail }: FindTargetsPorts,
): ResolvedModel | Promise<ResolvedModel> {
  const found = call.resolvedModel ?? configuredTargets(call, auditTrail);
  if (found === undefined) {
    return listedTargets(call, { modelLists, auditTrail }).then((listed) => noted(call, listed));
  }
  return noted(call, found);
}

function noted<S extends OperationShape>(call: Call<S>, resolved: ResolvedModel): ResolvedModel {
  call.resolvedModel = resolved;
  call.account.route = resolved.route;
  return resolved;
}

/**
 * Undefined: only the providers' own lists can tell.
 * @throws GatewayError `invalid_request` that names what could have been meant, `permission_denied`
 */
export function configuredTargets<S extends OperationShape>(
  call: Call<S>,
  auditTrail: AuditTrail,
): ResolvedModel | undefined {
  const resolved = resolveConfigured(call.snapshot, askedBy(call));
  return resolved === undefined ? undefined : withinAllowed(resolved, call, auditTrail);
}

/**
 * Waits for lists that were never asked for. A list that is merely old serves while it is asked for again, so
 * that a slow provider does not hold up the calls of others.
 * @throws GatewayError `invalid_request` that names what could have been meant; the call's own end
 */
async function listedTargets<S extends OperationShape>(
  call: Call<S>,
  { modelLists: lists, auditTrail }: FindTargetsPorts,
): Promise<ResolvedModel> {
  const { snapshot, signal } = call;
  const providers = [...snapshot.providers.values()];
  const asking = providers.map((provider) => ({ provider, list: lists.of(provider) }));
  const awaited = asking.flatMap(({ provider, list }) => (lists.known(provider) === undefined ? [list] : []));
  await untilAborted(Promise.all(awaited), signal);
  const has: Lists = (provider, model) => lists.known(provider)?.ids.has(model) ?? false;
  return withinAllowed(resolveModel(snapshot, askedBy(call), has), call, auditTrail);
}

/** Before the strategy chooses: what a caller may not use has no part in its order. */
function withinAllowed<S extends OperationShape>(
  resolved: ResolvedModel,
  call: Call<S>,
  auditTrail: AuditTrail,
): ResolvedModel {
  const targets = allowedTargets(resolved.targets, call.principal, (refusedBy) => {
    const { model = resolved.route ?? "" } = askedBy(call);
    const target = { type: "model", id: model };
    auditTrail.note(entryOfCall(call, { action: "model.refuse", target, after: { refusedBy } }));
  });
  return targets === resolved.targets ? resolved : { ...resolved, targets };
}
