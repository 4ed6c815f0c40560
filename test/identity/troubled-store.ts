// A directory's store that counts what it is asked, fails when it is told to, and holds its answers back.

import type { DirectoryStore } from "../../src/core/directory/directory-store.ts";

export function createTroubledStore(database: DirectoryStore) {
  const asked: Partial<Record<keyof DirectoryStore, number>> = {};
  let failure: Error | undefined;
  let gate: Promise<void> | undefined;

  const troubled =
    <A extends readonly unknown[], R>(name: keyof DirectoryStore, ask: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      asked[name] = (asked[name] ?? 0) + 1;
      if (failure !== undefined) throw failure;
      const answer = await ask(...args);
      await gate;
      return answer;
    };

  const store: DirectoryStore = {
    ...database,
    changesSince: troubled("changesSince", database.changesSince),
    hasApiKeys: troubled("hasApiKeys", database.hasApiKeys),
    keyByHash: troubled("keyByHash", database.keyByHash),
    importedKeys: troubled("importedKeys", database.importedKeys),
    rehashKey: troubled("rehashKey", database.rehashKey),
    touchKeys: troubled("touchKeys", database.touchKeys),
    session: troubled("session", database.session),
    tenants: troubled("tenants", database.tenants),
    tenantsById: troubled("tenantsById", database.tenantsById),
    usersById: troubled("usersById", database.usersById),
    apiKeysById: troubled("apiKeysById", database.apiKeysById),
  };

  return {
    store,
    /** How often each was asked. */
    asked,
    /** Until it is called with nothing. */
    fail(error?: Error): void {
      failure = error;
    },
    /** What is asked from now on is read, and answered when the function is called that it gives. */
    hold(): () => void {
      const held = Promise.withResolvers<void>();
      gate = held.promise;
      return () => {
        gate = undefined;
        held.resolve();
      };
    },
  };
}
