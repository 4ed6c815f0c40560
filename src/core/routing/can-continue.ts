import type { Call } from "../call.ts";
import type { ModelLists } from "../model-lists.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Target } from "../snapshot.ts";

/** Whether the target's model goes on with an answer that is begun, by its provider's own list, else by the table. */
export function canContinue<S extends OperationShape>(
  { provider, model }: Target,
  { snapshot, createdAtMs }: Call<S>,
  lists: ModelLists,
): boolean {
  const listed = lists.known(provider)?.models.find(({ id }) => id === model);
  const known = snapshot.modelTable.find({
    provider: provider.name,
    kind: provider.kind,
    model,
    atMs: createdAtMs,
  });
  return (listed?.capabilities?.prefill ?? known?.capabilities?.prefill) === true;
}
