// The one secret of the server, of which all its keys are made. On a loopback address it is made and kept in a file,
// so that a first start needs none; elsewhere it has to be given, as a file of one machine would not fit the others.

import { isLoopbackHost } from "../../core/access/host-name.ts";
import { ConfigurationError, type Settings } from "../configuration.ts";
import { secretMinBytes } from "./secret-length.ts";
import { makeSecretFile, readSecretFile } from "./secret-file.ts";

export interface ServerSecret {
  /** The secret, which is made where there is none. @throws ConfigurationError for a file that cannot be made */
  current(): string;
  /** Undefined: none was made yet. @throws ConfigurationError for a file that cannot be read */
  known(): string | undefined;
  /** Open what was sealed before the secret was changed, maybe more than once. */
  readonly previous: readonly string[];
}

/** In the folder that the gateway runs in. */
export const secretFile = ".sluice/secret";

/** @throws ConfigurationError where it has to be given and is not */
export function serverSecret(
  { host, secret, secretPrevious }: Pick<Settings, "host" | "secret" | "secretPrevious">,
  file: string,
): ServerSecret {
  if (secret === undefined && !isLoopbackHost(host)) {
    throw new ConfigurationError(
      `SLUICE_SECRET is missing. HOST is ${host}, which others can reach: give the gateway a secret of ` +
        `${secretMinBytes} bytes or more, as \`openssl rand -hex 32\` makes one, and keep it.`,
    );
  }
  let kept = secret;
  return {
    current: () => (kept ??= readSecretFile(file) ?? makeSecretFile(file)),
    known: () => (kept ??= readSecretFile(file)),
    previous: secretPrevious,
  };
}
