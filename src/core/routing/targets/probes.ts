// Providers that are asked for their list of models now and then, where the configuration says so: it costs nothing,
// and tells that a provider is gone, or back, before a caller does.

import type { Clock, Timer } from "../../clock.ts";
import { ProviderError } from "../../provider-error.ts";
import type { ConfiguredProvider, ProbePolicy, Snapshot } from "../../snapshot.ts";
import { untilAborted } from "../../until-aborted.ts";
import { toProviderError } from "../failures.ts";
import { isUnwell, keysOf } from "./target-state.ts";
import type { TargetStates } from "./target-states.ts";

export interface Probes {
  /** Looks whether there is somebody to probe: at the start, and when providers have changed. */
  heed(): void;
  close(): void;
}

export interface ProbeParts {
  readonly snapshot: () => Snapshot;
  readonly states: TargetStates;
  readonly clock: Clock;
}

export function createProbes({ snapshot, states, clock }: ProbeParts): Probes {
  /** By provider's name; those of providers that are gone end by themselves. */
  const timers = new Map<string, Timer>();
  const underWay = new Set<AbortController>();
  let closed = false;

  const probed = (name: string): readonly [ConfiguredProvider, ProbePolicy] | undefined => {
    const provider = snapshot().providers.get(name);
    return provider?.probe === undefined ? undefined : [provider, provider.probe];
  };

  function schedule(name: string): void {
    const found = closed ? undefined : probed(name);
    if (found === undefined) {
      timers.delete(name);
      return;
    }
    const [, { intervalMs }] = found;
    timers.set(
      name,
      clock.setTimer(intervalMs, () => void probe(name)),
    );
  }

  async function probe(name: string): Promise<void> {
    const found = probed(name);
    if (found !== undefined) await ask(...found);
    schedule(name);
  }

  async function ask(provider: ConfiguredProvider, { timeoutMs }: ProbePolicy): Promise<void> {
    const state = states.provider(provider);
    // None while it is left alone: the first after that is the one that tells.
    const permit = state.breaker.acquire();
    if (permit === undefined) return;
    const controller = new AbortController();
    underWay.add(controller);
    const timer = clock.setTimer(timeoutMs, () => controller.abort(tooLate(timeoutMs)));
    try {
      await untilAborted(
        provider.adapter.listModels?.(controller.signal) ?? Promise.resolve([]),
        controller.signal,
      );
      state.breaker.succeeded(permit);
    } catch (error) {
      const known = toProviderError(error);
      // One that refuses the question has been reached.
      if (closed || !isUnwell(known, keysOf(provider) > 1)) {
        state.breaker.released(permit);
      } else {
        state.lastError = { atMs: clock.epochMs(), failure: known.failure, message: known.message };
        state.breaker.failed(permit);
      }
    } finally {
      timer.cancel();
      underWay.delete(controller);
    }
  }

  return {
    heed() {
      for (const { name, probe: policy } of snapshot().providers.values()) {
        if (policy !== undefined && !timers.has(name)) schedule(name);
      }
    },
    close() {
      closed = true;
      for (const timer of timers.values()) timer.cancel();
      for (const controller of underWay) controller.abort(tooLate(0));
    },
  };
}

const tooLate = (timeoutMs: number): ProviderError =>
  new ProviderError({
    failure: "timeout",
    message: `The provider did not tell its models within ${timeoutMs} ms.`,
    wholeProvider: true,
  });
