// `npm run setup`: writes `.env`, makes the first administrator and the first key, and shows calls that work. Exit
// code 1 when it cannot, or when whoever is asked goes no further.

import "./compile-cache.ts";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { ConfigurationError } from "./config/configuration.ts";
import { readSettings } from "./config/read-settings.ts";
import { secretFile } from "./config/secret/server-secret.ts";
import { GatewayError } from "./core/errors.ts";
import { databaseInUse } from "./db/database-in-use.ts";
import { DatabaseError } from "./db/database-url.ts";
import { samePortFault } from "./port-fault.ts";
import { providerTable } from "./providers/provider-table.ts";
import { askAnswers } from "./setup/ask-answers.ts";
import { withoutMark } from "./setup/env-file.ts";
import { findAdmin, type MadeAdmin, makeAdmin } from "./setup/make-admin.ts";
import { type PlannedEnv, planEnv } from "./setup/plan-env.ts";
import { providerVariables, valuesOf } from "./setup/provider-variables.ts";
import { answersOfFlags, checkAdministrator, type SetupAnswers } from "./setup/setup-answers.ts";
import { SetupError } from "./setup/setup-error.ts";
import { readSetupFlags, type SetupFlags, showSetupHelp } from "./setup/setup-flags.ts";
import { showSetup } from "./setup/show-setup.ts";
import { writePrivateFile } from "./setup/write-private-file.ts";
import { systemClock } from "./system-clock.ts";
import { createLog } from "./telemetry/log.ts";

const envFile = ".env";
const exampleFile = join(import.meta.dirname, "..", ".env.example");
const kinds = Object.values(providerTable).toSorted((a, b) => a.defaultOrder - b.defaultOrder);
const providers = providerVariables(kinds);

/** What to print; undefined: nothing was wanted. */
async function setUp(): Promise<string | undefined> {
  // The database is made here, and is not for everybody on this machine; see `start-process.ts`.
  process.umask(process.umask(0o077) | 0o007);
  const environment = process.env;
  const flags = readSetupFlags(process.argv.slice(2), { providers, environment });
  if (flags.help) return showSetupHelp(providers);
  const existing = existsSync(envFile) ? withoutMark(readFileSync(envFile, "utf8")) : undefined;
  const answers = await answersOf(flags, existing);
  if (answers === undefined) return undefined;
  checkAdministrator(answers.admin);
  const planned = await planEnv({
    file: { example: textOf(exampleFile), existing, values: answers.values },
    environment,
    kinds,
    secretFile,
  });
  const admin = await carryOut(planned, answers, flags);
  const { settings, providers: configured } = planned.configuration;
  const written = parseEnv(planned.text);
  const ofShell = valuesOf(
    providers.map(({ loading }) => loading),
    environment,
  );
  return showSetup({
    admin,
    settings,
    passwordGiven: answers.admin.password !== undefined,
    demo: configured.length === 0,
    onlyInShell: Object.keys(ofShell).filter((name) => written[name] !== ofShell[name]),
  });
}

/** Undefined: nothing is wanted. */
async function answersOf(flags: SetupFlags, existing: string | undefined): Promise<SetupAnswers | undefined> {
  const environment = process.env;
  const { databaseUrl, authRequired } = await readSettings({ argv: [], environment });
  requireFree(environment["DATABASE_URL"] ? databaseUrl : (flags.values["DATABASE_URL"] ?? databaseUrl));
  const isAsked = process.stdin.isTTY && process.stdout.isTTY && !flags.yes;
  if (!isAsked) return answersOfFlags(flags);
  return askAnswers({ flags, providers, known: parseEnv(existing ?? ""), environment, authRequired });
}

/** @throws SetupError */
function requireFree(databaseUrl: string): void {
  const file = databaseInUse(databaseUrl);
  if (file === undefined) return;
  throw new SetupError(`A gateway is running on ${file}. Stop it first, and run this again.`);
}

async function carryOut(
  { text, configuration }: PlannedEnv,
  { admin }: SetupAnswers,
  { newKey }: SetupFlags,
): Promise<MadeAdmin> {
  const { settings } = configuration;
  const portFault = samePortFault(settings);
  if (portFault !== undefined) throw new ConfigurationError(portFault);
  if (settings.databaseUrl === "sqlite::memory:") {
    throw new SetupError("DATABASE_URL is sqlite::memory:, which keeps nothing. Name a file or PostgreSQL.");
  }
  const { createGateway } = await import("./gateway.ts");
  const gateway = await createGateway(configuration, { log: createLog("silent") });
  try {
    const { administration } = gateway;
    const existing = await findAdmin(administration, admin);
    // Before what is made with a secret that stands there.
    writePrivateFile(envFile, text);
    const nowMs = systemClock.epochMs();
    return await makeAdmin(administration, { admin, existing, newKey, newPassword, nowMs });
  } finally {
    await gateway.close();
  }
}

const newPassword = (): string => randomBytes(18).toString("base64url");

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** In one sentence where a person can mend it; with its stack where it is our fault. */
function explained(error: unknown): string {
  const isTold = [SetupError, ConfigurationError, DatabaseError, GatewayError].some(
    (known) => error instanceof known,
  );
  if (!(error instanceof Error)) return String(error);
  return isTold ? error.message : (error.stack ?? error.message);
}

try {
  const shown = await setUp();
  process.stdout.write(shown ?? "\nNothing was changed.\n");
  if (shown === undefined) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`Setup failed. ${explained(error)}\n`);
  process.exitCode = 1;
}
