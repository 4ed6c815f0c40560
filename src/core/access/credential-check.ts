// The port of one kind of credential, as keys or tokens are.

import type { Presented } from "./access.ts";
import type { Principal } from "./principal.ts";

export interface CredentialCheck {
  /** Whether a credential is of its kind, by its form alone. */
  handles(credential: string): boolean;
  /** @throws GatewayError `unauthenticated`, `permission_denied`, `rate_limited`, `unavailable` */
  check(credential: string, presented: Presented): Promise<Principal>;
}
