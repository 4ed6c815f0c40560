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
    changesSince: troubled("changesSince", (...args: Parameters<DirectoryStore["changesSince"]>) =>
      database.changesSince(...args),
    ),
    hasApiKeys: troubled("hasApiKeys", (...args: Parameters<DirectoryStore["hasApiKeys"]>) =>
      database.hasApiKeys(...args),
    ),
    keyByHash: troubled("keyByHash", (...args: Parameters<DirectoryStore["keyByHash"]>) =>
      database.keyByHash(...args),
    ),
    importedKeys: troubled("importedKeys", (...args: Parameters<DirectoryStore["importedKeys"]>) =>
      database.importedKeys(...args),
    ),
    rehashKey: troubled("rehashKey", (...args: Parameters<DirectoryStore["rehashKey"]>) =>
      database.rehashKey(...args),
    ),
    touchKeys: troubled("touchKeys", (...args: Parameters<DirectoryStore["touchKeys"]>) =>
      database.touchKeys(...args),
    ),
    session: troubled("session", (...args: Parameters<DirectoryStore["session"]>) =>
      database.session(...args),
    ),
    tenants: troubled("tenants", (...args: Parameters<DirectoryStore["tenants"]>) =>
      database.tenants(...args),
    ),
    tenantsById: troubled("tenantsById", (...args: Parameters<DirectoryStore["tenantsById"]>) =>
      database.tenantsById(...args),
    ),
    tenantsAfter: troubled("tenantsAfter", (...args: Parameters<DirectoryStore["tenantsAfter"]>) =>
      database.tenantsAfter(...args),
    ),
    retentionsAfter: troubled("retentionsAfter", (...args: Parameters<DirectoryStore["retentionsAfter"]>) =>
      database.retentionsAfter(...args),
    ),
    usersById: troubled("usersById", (...args: Parameters<DirectoryStore["usersById"]>) =>
      database.usersById(...args),
    ),
    apiKeysById: troubled("apiKeysById", (...args: Parameters<DirectoryStore["apiKeysById"]>) =>
      database.apiKeysById(...args),
    ),
  };

  return {
    store,
    /** How often each was asked. */
    asked,
    /** Until it is called with nothing. */
    fail: (error?: Error): void => {
      failure = error;
    },
    /** What is asked from now on is read, and answered when the function is called that it gives. */
    hold: (): (() => void) => {
      const held = Promise.withResolvers<void>();
      gate = held.promise;
      return () => {
        gate = undefined;
        held.resolve();
      };
    },
  };
}
