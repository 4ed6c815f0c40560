// The recorded cases of the adapters that exist, or what to say where the folder is missing.

import { fixturesFolder, readRecordedCases } from "../../support/fixtures.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import { vendors } from "./vendors.ts";

export const recordedCases: readonly RecordedCase[] = Object.keys(vendors).flatMap(
  (provider) => readRecordedCases(provider) ?? [],
);

export const leftOut = `recorded traffic left out: no folder at ${fixturesFolder}`;
