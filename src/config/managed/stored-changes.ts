// What a change makes of what is stored. Pure.

import type { ConfigChange, StoredConfiguration, Versioned } from "../../core/managed/config-store.ts";

/** As the store has it after the change. */
export function afterChange(stored: StoredConfiguration, change: ConfigChange): StoredConfiguration {
  const version = stored.version + 1;
  const { providers, routes } = stored;
  switch (change.type) {
    case "put_provider":
      return { version, routes, providers: put(providers, { ...change.provider, version }) };
    case "put_route":
      return { version, providers, routes: put(routes, { ...change.route, version }) };
    case "remove_provider":
      return { version, routes, providers: providers.filter(({ name }) => name !== change.name) };
    case "remove_route":
      return { version, providers, routes: routes.filter(({ name }) => name !== change.name) };
  }
}

function put<T extends Versioned<{ readonly name: string }>>(rows: readonly T[], row: T): readonly T[] {
  const isThere = rows.some(({ name }) => name === row.name);
  return isThere ? rows.map((each) => (each.name === row.name ? row : each)) : [...rows, row];
}
