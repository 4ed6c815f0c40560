// The first administrator and the first key, made as any administrator would make them.

import { ownPrincipal } from "../core/access/own-principal.ts";
import type { Permission } from "../core/access/permissions.ts";
import { GatewayError } from "../core/errors.ts";
import type { Gateway } from "../core/gateway.ts";
import type { SetupAnswers } from "./setup-answers.ts";

export interface MadeAdmin {
  readonly email: string;
  /** Shown this once; absent: it was given, or the user was there. */
  readonly madePassword: string | undefined;
  readonly wasThere: boolean;
  /** Shown this once. */
  readonly key: string;
}

/** What a backend needs: to call. */
const keyPermissions: readonly Permission[] = ["gateway:use"];

/** @throws GatewayError for what the directory does not take */
export async function makeAdmin(
  { administration }: Pick<Gateway, "administration">,
  { email, name, password }: SetupAnswers["admin"],
  newPassword: () => string,
): Promise<MadeAdmin> {
  const madePassword = password === undefined ? newPassword() : undefined;
  const wasThere = await administration
    .createUser(ownPrincipal, {
      tenantId: "default",
      email,
      name,
      role: "platform_admin",
      password: password ?? madePassword,
    })
    .then(() => false)
    .catch((error: unknown) => {
      if (error instanceof GatewayError && error.code === "conflict") return true;
      throw error;
    });
  const { secret } = await administration.createApiKey(ownPrincipal, {
    tenantId: "default",
    name: "First key",
    permissions: keyPermissions,
  });
  return { email, madePassword: wasThere ? undefined : madePassword, wasThere, key: secret };
}
