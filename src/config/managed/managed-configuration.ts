// What is configured at run time, in force: read at the start, changed here, and followed where other gateways on the
// same database change it.

import type { Clock, Timer } from "../../core/clock.ts";
import type { NewAuditEntry } from "../../core/directory/audit.ts";
import { GatewayError, type ReportFault } from "../../core/errors.ts";
import type { ConfigChange, ConfigStore, StoredConfiguration } from "../../core/managed/config-store.ts";
import type { SettingsState, SettingsStates } from "../../core/managed/settings-entry.ts";
import type { SnapshotHolder } from "../../core/snapshot-holder.ts";
import { ConfigurationError, type ProviderConfiguration } from "../configuration.ts";
import type { Adapters } from "./adapters.ts";
import { type Compiled, compileManaged, type ManagedParts } from "./compile-managed.ts";
import { afterChange } from "./stored-changes.ts";

/** How often it is looked whether another gateway has changed something. */
export const pollMs = 2_000;

/** Of others who change something at the same moment. */
const maxTries = 5;

export interface ManagedConfiguration {
  /**
   * Puts in force what is stored, and follows it from then on.
   * @throws ConfigurationError for a name that is declared too; what the store says
   */
  start(): Promise<void>;
  /**
   * At once, as where another gateway may have changed something; what fails is tried again with the next poll. Who asks
   * while one is under way gets the next.
   */
  look(): void;
  /** What is stored now, which is then in force. @throws GatewayError */
  latest(): Promise<StoredConfiguration>;
  /** Declared and managed ones, as they are in force. */
  providers(): readonly ProviderConfiguration[];
  /**
   * Keeps a change and puts it in force: one after the other, and planned anew when somebody else was first.
   * @param entryOf tells the audit trail of it: kept with it, or neither is
   * @throws GatewayError, also those of `plan`; nothing is changed then
   */
  change(
    plan: (stored: StoredConfiguration) => ConfigChange,
    entryOf: (states: SettingsStates) => NewAuditEntry,
  ): Promise<void>;
  /** For operators: what is left out and why. */
  problems(): readonly string[];
  /** Takes no changes from now on, and follows none. */
  stop(): void;
  /** Settles when nothing is under way any more. */
  stopped(): Promise<void>;
}

export interface ManagedConfigurationParts extends ManagedParts {
  readonly store: ConfigStore;
  readonly snapshots: SnapshotHolder;
  readonly adapters: Adapters;
  readonly clock: Clock;
  readonly reportFault: ReportFault;
  /** Hears of each change that was made here, when it can be read. */
  readonly onWritten: () => void;
  /** Hears of each change that is in force now. */
  readonly onChange: () => void;
}

interface InForce extends SettingsState, Pick<Compiled, "problems" | "providers"> {}

export function createManagedConfiguration(parts: ManagedConfigurationParts): ManagedConfiguration {
  const { store, snapshots, adapters, clock, reportFault, onWritten, onChange } = parts;
  let inForce: InForce = {
    stored: { version: 0, providers: [], routes: [] },
    configured: snapshots.current(),
    providers: parts.declared.providers,
    problems: new Map(),
  };
  let pollProblem: string | undefined;
  let timer: Timer | undefined;
  let isStopped = false;
  let last: Promise<unknown> = Promise.resolve();
  /** The look that has not begun yet. */
  let next: Promise<void> | undefined;

  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  }

  function putInForce(stored: StoredConfiguration, { providers, problems, configured }: Compiled): void {
    if (isStopped) return;
    for (const [what, problem] of problems) {
      const isNew = inForce.problems.get(what) !== problem;
      if (isNew && shown(problem) !== problem) reportFault(new ConfigurationError(problem), {});
    }
    inForce = { stored, configured, providers, problems };
    snapshots.replace(configured);
    adapters.keepOnly(snapshots.current());
    onChange();
  }

  async function follow(): Promise<void> {
    const stored = await store.read();
    putInForce(stored, compileManaged(stored, parts));
  }

  async function followIfChanged(): Promise<void> {
    if (!isStopped && (await store.version()) !== inForce.stored.version) await follow();
  }

  function followNext(): Promise<void> {
    next ??= inTurn(() => {
      next = undefined;
      return followIfChanged();
    });
    return next;
  }

  async function look(): Promise<void> {
    try {
      await followNext();
      pollProblem = undefined;
    } catch (error) {
      if (pollProblem === undefined) reportFault(error, {});
      pollProblem = "What other gateways change cannot be read: the log says why.";
    }
    adapters.sweep();
  }

  function pollLater(): void {
    if (!isStopped) timer = clock.setTimer(pollMs, () => void look().then(pollLater));
  }

  /** Whether it was kept: it is not when somebody else was first. */
  async function tryChange(
    change: ConfigChange,
    entryOf: (states: SettingsStates) => NewAuditEntry,
  ): Promise<boolean> {
    const planned = afterChange(inForce.stored, change);
    const compiled = compileManaged(planned, parts);
    for (const [what, problem] of compiled.problems) {
      if (!inForce.problems.has(what)) throw harmful(problem);
    }
    const entry = entryOf({ before: inForce, after: { ...compiled, stored: planned } });
    const version = await told(store.write(inForce.stored.version, change, entry));
    if (version === undefined) return false;
    onWritten();
    putInForce(planned, compiled);
    return true;
  }

  /** What the database says is for the log. */
  const told = <T>(asked: Promise<T>): Promise<T> =>
    asked.catch((cause: unknown) => {
      reportFault(cause, {});
      throw notKept(cause);
    });

  return {
    async start() {
      const stored = await store.read();
      const compiled = compileManaged(stored, parts);
      const [clash] = compiled.clashes;
      if (clash !== undefined) throw new ConfigurationError(clash);
      putInForce(stored, compiled);
      pollLater();
    },
    look: () => void look(),
    async latest() {
      await inTurn(() => told(followIfChanged()));
      return inForce.stored;
    },
    providers: () => inForce.providers,
    change: (plan, entryOf) =>
      inTurn(async () => {
        try {
          await told(followIfChanged());
          for (let tries = 0; tries < maxTries; tries += 1) {
            if (isStopped) throw stopping();
            if (await tryChange(plan(inForce.stored), entryOf)) return;
            await told(follow());
          }
          throw tooBusy();
        } finally {
          // Of a change that was refused.
          adapters.keepOnly(snapshots.current());
        }
      }),
    problems: () => [
      ...Array.from(inForce.problems.values(), shown),
      ...(pollProblem === undefined ? [] : [pollProblem]),
    ],
    stop() {
      isStopped = true;
      timer?.cancel();
    },
    async stopped() {
      await last;
      // Some may have been made for what came too late to be in force.
      adapters.keepOnly(snapshots.current());
      await adapters.close();
    },
  };
}

/** What was found may be an address: whoever reaches the port may ask for problems, and the log has the whole. */
const shown = (problem: string): string => problem.replace(/; found .*$/s, ".");

/** What is asked for is right in itself, and something else would no longer be served. */
const harmful = (problem: string): GatewayError =>
  new GatewayError({
    code: "invalid_request",
    message: `Nothing was changed, as it would do harm: ${problem}`,
  });

const notKept = (cause: unknown): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message:
      // Of the server's secret, without which no entry is chained: nothing was asked of the database then.
      cause instanceof ConfigurationError
        ? cause.message
        : "The database did not take the change. Look whether it was made, then try again.",
    cause,
  });

const tooBusy = (): GatewayError =>
  new GatewayError({
    code: "conflict",
    message: "Others change settings at the same moment. Try again.",
  });

const stopping = (): GatewayError =>
  new GatewayError({ code: "unavailable", message: "The gateway is stopping. Make the change again." });
