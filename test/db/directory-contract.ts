// What every database does for the directory, whichever it is.

import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import type { AuditKey } from "../../src/core/directory/secrets.ts";
import type { Database } from "../../src/db/database.ts";
import { auditIsKept } from "./audit-contract.ts";
import { changesAreForgotten, changesAreTold } from "./change-feed-contract.ts";
import { endingsAreTold } from "./deletion-contract.ts";
import { entriesAreListed } from "./directory-listing-contract.ts";
import { ownersAreAsked, writesAreWhole } from "./directory-write-contract.ts";
import { entriesAreKept } from "./entry-contract.ts";
import { importedHashesAreOnes, importsAreBounded } from "./import-contract.ts";
import { administratorsAreFound, keysAreFound, usersAreFound } from "./lookup-contract.ts";
import { currentAuditKey, previousAuditKey } from "./sample-directory.ts";
import { sessionsAreKept } from "./session-contract.ts";
import { secretsAreChanged } from "./secret-change-contract.ts";
import { type RunByAnother, tamperingIsFound } from "./tampering-contract.ts";

export interface DirectoryFixture {
  open(auditKeys: () => readonly AuditKey[]): Promise<Database>;
  /** Absent: nobody else can reach the tables. */
  readonly run?: RunByAnother | undefined;
  dispose(): Promise<void>;
}

/** @param removeGuards take away what refuses to change an audit entry; none where nobody else reaches the tables */
export function directoryContract(
  name: string,
  createFixture: () => Promise<DirectoryFixture>,
  removeGuards?: readonly string[],
): void {
  describe(name, () => {
    let fixture: DirectoryFixture;
    let database: Database;
    let auditKeys: readonly AuditKey[] = [currentAuditKey, previousAuditKey];
    beforeAll(async () => {
      fixture = await createFixture();
      database = await fixture.open(() => auditKeys);
    });
    afterAll(async () => {
      await database.close();
      await fixture.dispose();
    });
    // One database for all, as opening one takes its time; each test has its own tenant.
    const store = () => database.directory;
    entriesAreKept(store);
    ownersAreAsked(store);
    importedHashesAreOnes(store);
    importsAreBounded(store);
    keysAreFound(store);
    usersAreFound(store);
    changesAreTold(store);
    writesAreWhole(store);
    sessionsAreKept(store);
    entriesAreListed(store);
    endingsAreTold(store);
    administratorsAreFound(store);
    const withKeys = async <T>(keys: readonly AuditKey[], work: () => Promise<T>): Promise<T> => {
      const before = auditKeys;
      auditKeys = keys;
      try {
        return await work();
      } finally {
        auditKeys = before;
      }
    };
    auditIsKept({ store, withKeys });
    if (removeGuards === undefined) return;
    const run = (...statements: readonly string[]) => runOn(fixture, statements);
    changesAreForgotten(store, run);
    describe("whose tables somebody else reaches", () => {
      // One for each test: what was done to one trail is told of all.
      let own: DirectoryFixture;
      let reached: Database;
      beforeEach(async () => {
        own = await createFixture();
        reached = await own.open(() => auditKeys);
      });
      afterEach(async () => {
        await reached.close();
        await own.dispose();
      });
      const tampering = {
        store: () => reached.directory,
        run: (...statements: readonly string[]) => runOn(own, statements),
        removeGuards,
        withKeys,
      };
      tamperingIsFound(tampering);
      secretsAreChanged(tampering);
    });
  });
}

function runOn({ run }: DirectoryFixture, statements: readonly string[]): Promise<unknown> {
  if (run === undefined) throw new Error("Nobody else reaches these tables.");
  return run(...statements);
}
