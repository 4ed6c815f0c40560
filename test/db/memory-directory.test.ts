// The directory in memory that other tests stand on keeps what those promise that are kept in a database.

import { describe } from "vitest";
import { systemClock } from "../../src/system-clock.ts";
import { createMemoryDirectory } from "../support/memory-directory.ts";
import { endingsAreTold } from "./deletion-contract.ts";
import { importedHashesAreOnes, importsAreBounded } from "./import-contract.ts";
import { administratorsAreFound } from "./lookup-contract.ts";
import { sessionsAreKept } from "./session-contract.ts";

describe("The directory in memory", () => {
  const directory = createMemoryDirectory({ clock: systemClock });
  const store = () => directory;
  endingsAreTold(store);
  administratorsAreFound(store);
  sessionsAreKept(store);
  importedHashesAreOnes(store);
  importsAreBounded(store);
});
