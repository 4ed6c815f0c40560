// All that is configured at run time, put together: what is in force of it, and the port that changes it.

import { createChangeSignal } from "../../core/change-signal.ts";
import type { NewId } from "../../core/ids.ts";
import type { SettingsChanges } from "../../core/managed/settings-changes.ts";
import type { Provider } from "../../core/provider.ts";
import type { Signals } from "../../core/signals.ts";
import type { TargetStates } from "../../core/routing/targets/target-states.ts";
import type { KeyedProvider } from "../keyed-provider.ts";
import type { NetworkCheck } from "../networks.ts";
import { createKeyRing } from "../secret/key-ring.ts";
import type { ServerSecret } from "../secret/server-secret.ts";
import { sealingPurpose } from "./entry-secrets.ts";
import {
  createManagedConfiguration,
  type ManagedConfiguration,
  type ManagedConfigurationParts,
} from "./managed-configuration.ts";
import { createSettingsChanges } from "./settings-changes.ts";

export interface Managed extends Pick<ManagedConfiguration, "start" | "problems" | "stop" | "stopped"> {
  readonly changes: SettingsChanges;
}

export interface CreateManagedParts extends Omit<
  ManagedConfigurationParts,
  "keys" | "makeAdapter" | "isAdded" | "onWritten"
> {
  readonly secret: ServerSecret;
  readonly signals: Signals;
  readonly states: TargetStates;
  /** Makes an adapter that is nobody's, to ask a provider that is not configured yet. */
  readonly createAdapter: (provider: KeyedProvider) => Provider;
  /** Where managed providers may be. */
  readonly allowsAddress: NetworkCheck;
  /** Of audit entries. */
  readonly newId: NewId;
}

const configurationChannel = "sluice:config";

export function createManaged(parts: CreateManagedParts): Managed {
  const { secret, signals, createAdapter, snapshots, adapters, kinds, clock, newId } = parts;
  const keys = createKeyRing(secret, sealingPurpose);
  const change = createChangeSignal({
    signals,
    channel: configurationChannel,
    self: newId(),
    clock,
    look: () => managed.look(),
  });
  const managed = createManagedConfiguration({
    ...parts,
    onWritten: () => change.tell(),
    keys,
    makeAdapter: (provider) => adapters.of(provider),
    isAdded: (name) => snapshots.current().providers.get(name)?.source === "library",
  });
  const changes = createSettingsChanges({
    managed,
    states: parts.states,
    kinds,
    keys,
    clock,
    newId,
    allowsAddress: parts.allowsAddress,
    snapshot: () => snapshots.current(),
    create: createAdapter,
  });
  return {
    ...managed,
    changes,
    async start() {
      await managed.start();
      change.start();
    },
    stop() {
      change.stop();
      managed.stop();
    },
  };
}
