import type { Provider } from "./provider.ts";
import type { ConfiguredProvider } from "./snapshot.ts";

/** One for each of its keys. */
export const adaptersOf = ({ adapter, credentials }: ConfiguredProvider): readonly Provider[] =>
  credentials?.map((credential) => credential.adapter) ?? [adapter];
