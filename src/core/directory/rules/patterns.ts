// Lists of models and providers that are allowed, as patterns in which `*` stands for any text.

import type { FieldFault } from "../../errors.ts";
import { faultsOf } from "./faults.ts";
import { textFault } from "./text.ts";

const maxPatterns = 200;
const patternMaxChars = 200;

export function patternFaults(
  field: string,
  patterns: readonly string[] | null | undefined,
): readonly FieldFault[] {
  if (patterns === undefined || patterns === null) return [];
  if (patterns.length > maxPatterns) {
    return [{ field, message: `has ${patterns.length} patterns; ${maxPatterns} are allowed` }];
  }
  return patterns.flatMap((pattern, i) =>
    faultsOf(`${field}[${i}]`, pattern, (text) => textFault(text, patternMaxChars)),
  );
}
