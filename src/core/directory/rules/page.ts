// What may be asked of a listing.

import type { FieldFault } from "../../errors.ts";
import type { PageQuery } from "../directory-store.ts";
import { type Fault, faultsOf } from "./faults.ts";
import { isUuid } from "./ids.ts";
import { nameFault } from "./text.ts";
import { wholeNumberFault } from "./use-limits.ts";

const firstFault = wholeNumberFault(1, 200);

export const uuidFault = (id: string): Fault => (isUuid(id) ? undefined : "is no id of an entry");

export const pageFaults = (
  { first, after, search }: Partial<PageQuery> & Pick<PageQuery, "first">,
  idFault: (id: string) => Fault = uuidFault,
): readonly FieldFault[] => [
  ...faultsOf("first", first, firstFault),
  ...faultsOf("after", after, idFault),
  ...faultsOf("search", searchOf(search), nameFault),
];

/** Without the space that people leave at its end. */
export const searchOf = (search: string | undefined): string | undefined => search?.trim() || undefined;
