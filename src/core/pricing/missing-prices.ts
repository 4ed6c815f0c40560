// Tells once of each model that answered and has no price: what its calls cost is then not known.

import type { AttemptRecord, Ledger } from "../usage/ledger.ts";

export type ReportMissingPrice = (model: { readonly provider: string; readonly model: string }) => void;

/** Models that are told of; further ones are not. */
const maxTold = 1_000;

/** The ledger, and `report` for the first attempt of a provider's model that told a usage and had no price. */
export function watchMissingPrices(ledger: Ledger, report: ReportMissingPrice): Ledger {
  const told = new Map<string, Set<string>>();
  let count = 0;

  function tell({ provider, model }: AttemptRecord): void {
    const models = told.get(provider);
    if (models?.has(model) === true || count >= maxTold) return;
    count += 1;
    if (models === undefined) told.set(provider, new Set([model]));
    else models.add(model);
    report({ provider, model });
  }

  return {
    open: (call) => ledger.open(call),
    attempt(attempt) {
      ledger.attempt(attempt);
      const { priceVersion, usage } = attempt;
      if (priceVersion === undefined && usage !== undefined && usage.source !== "estimated") tell(attempt);
    },
    settle: (settlement) => ledger.settle(settlement),
  };
}
