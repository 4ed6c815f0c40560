// Under which key an answer is kept: everything that can change it, in one canonical form.

import type { Principal } from "../access/principal.ts";
import { heldLists, isHeldToModel } from "../access/allowed-targets.ts";
import type { Call } from "../call.ts";
import { canonicalJson } from "../canonical-json.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { ResolvedModel } from "../routing/resolve-model.ts";

/** A digest of a text that nobody finds another text for, as SHA-256, in visible ASCII. */
export type Digest = (text: string) => string;

/** Raised with what keys are made of, so that answers of before are not found. */
const version = 1;

/** The tenant's slug, a slash and a digest. */
export function answerKey<S extends OperationShape>(
  { operation, request, principal }: Pick<Call<S>, "operation" | "request" | "principal">,
  { route }: ResolvedModel,
  digest: Digest,
): string {
  const asked = operation.modelAsked(request);
  // `auto` has the targets of `default` and chooses otherwise.
  const model = route === undefined || asked === "auto" ? { model: asked } : { route };
  const parts = [version, operation.name, model, heldTo(principal), operation.identity(request)];
  return `${principal.tenantId}/${digest(canonicalJson(parts))}`;
}

/**
 * Callers who may use other models have answers of their own: what one is given could be nothing for the other, or of
 * a target that is the other's last choice.
 */
const heldTo = (principal: Principal): object | undefined =>
  isHeldToModel(principal) ? heldLists(principal) : undefined;
