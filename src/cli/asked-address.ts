// The address of a gateway on a command line: of this machine, unless another one is meant.

import { UsageError } from "./usage-error.ts";

export interface AskedAddress {
  /** As on the command line, such as `--url`. */
  readonly option: string;
  readonly example: string;
  /** Whether it may be that of another machine. */
  readonly anywhere: boolean;
}

/** @throws UsageError */
export function askedAddress(text: string, { option, example, anywhere }: AskedAddress): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== "/") {
    throw new UsageError(`${option} must be an address such as ${example}, without a path.`);
  }
  if (anywhere || isLoopback(url.hostname)) return url;
  throw new UsageError(
    `${url.host} is not this machine. Its owner pays for what is asked there: say --yes if that is meant.`,
  );
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
