// `npm run --silent token -- --email <email>`: prints a JSON web token that stands for a user, and nothing else. It may
// run beside the gateway. Exit code 1, and a sentence on standard error, when it cannot.

import { parseArgs } from "node:util";
import { ConfigurationError } from "./config/configuration.ts";
import { readSettings } from "./config/read-settings.ts";
import { secretFile, serverSecret } from "./config/secret/server-secret.ts";
import { GatewayError } from "./core/errors.ts";
import { DatabaseError } from "./db/database-url.ts";
import { findUser } from "./db/find-user.ts";
import { asciiEmail } from "./identity/ascii-email.ts";
import { createAdminToken } from "./identity/jwt/admin-token.ts";
import { systemClock } from "./system-clock.ts";

const usage = "npm run --silent token -- --email <email> [--tenant default] [--ttl-seconds 3600]";

/** What is wrong with what was asked. */
class TokenError extends Error {
  override readonly name = "TokenError";
}

interface Wanted {
  readonly email: string;
  readonly tenantId: string;
  readonly ttlSeconds: number;
}

/** Undefined: help is wanted. @throws TokenError */
function readFlags(): Wanted | undefined {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: { email: text, tenant: text, "ttl-seconds": text, help: { type: "boolean" } },
  });
  if (values.help === true) return undefined;
  if (values.email === undefined) throw new TokenError(`--email: is missing. Write ${usage}.`);
  const email = asciiEmail(values.email);
  if (email === undefined) throw new TokenError("--email: must be an address such as ada@example.com.");
  const ttl = values["ttl-seconds"] ?? "3600";
  return {
    email,
    tenantId: values.tenant ?? "default",
    ttlSeconds: /^\d+$/.test(ttl) ? Number(ttl) : Number.NaN,
  };
}

async function tokenOf({ email, tenantId, ttlSeconds }: Wanted): Promise<string> {
  const settings = await readSettings({ argv: [], environment: process.env });
  const secret = serverSecret(settings, secretFile);
  if (secret.known() === undefined) {
    throw new TokenError(`There is no ${secretFile} yet, and no SLUICE_SECRET. Run \`npm run setup\` first.`);
  }
  const found = await findUser(settings.databaseUrl, { email, tenantId }, systemClock);
  if (found === undefined) {
    throw new TokenError(
      `The tenant ${tenantId} has no user ${email}. Correct --email, or name another tenant by --tenant.`,
    );
  }
  const { user, tenant } = found;
  if (!user.active || !tenant.active) {
    const who = user.active ? `The tenant ${tenantId}` : `The user ${email}`;
    throw new TokenError(`${who} is not active. Have an administrator activate it.`);
  }
  return createAdminToken({ userId: user.id, tenantId, ttlSeconds }, { secret, clock: systemClock });
}

/** In one sentence where a person can mend it; with its stack where it is our fault. */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof GatewayError) return error.message.replace(/^ttlSeconds/, "--ttl-seconds");
  const isOfFlags = "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  const isTold =
    isOfFlags || [TokenError, ConfigurationError, DatabaseError].some((known) => error instanceof known);
  return isTold ? error.message : (error.stack ?? error.message);
}

try {
  const wanted = readFlags();
  process.stdout.write(`${wanted === undefined ? usage : await tokenOf(wanted)}\n`);
} catch (error) {
  process.stderr.write(`No token was made. ${explained(error)}\n`);
  process.exitCode = 1;
}
