// `npm run load-test`: calls a gateway at a constant rate and says how it answered. It talks to the gateway as
// its users do.

import type { Clock } from "../core/clock.ts";
import { createGraphqlCaller } from "./load-test/graphql-caller.ts";
import { createGrpcCaller } from "./load-test/grpc-caller.ts";
import { checkReachable } from "./check-reachable.ts";
import { createHttpCaller } from "./load-test/http-caller.ts";
import { type LoadOptions, parseLoadOptions, usage } from "./load-test/load-options.ts";
import { loadReport } from "./load-test/load-report.ts";
import { runLoad } from "./load-test/run-load.ts";
import { type Simulation, startSimulation } from "./load-test/simulation.ts";
import { UsageError } from "./usage-error.ts";

const callers = { http: createHttpCaller, grpc: createGrpcCaller, graphql: createGraphqlCaller };

/** Its timers keep the process alive: between two calls there is nothing else that would. */
const clock: Clock = {
  epochMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

async function loadTest(options: LoadOptions): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort());
  const simulation = options.url === undefined ? await startSimulation() : undefined;
  try {
    const { stream, model, prompt } = options;
    const url = addressOf(options, simulation);
    await checkReachable(url, "say --simulate");
    const apiKey = process.env["SLUICE_API_KEY"];
    const monotonicMs = (): number => clock.monotonicMs();
    const caller = callers[options.frontEnd]({ url, stream, model, prompt, apiKey, monotonicMs });
    const kill = planKill(options, simulation);
    const figures = await runLoad(options, { caller, clock, signal: interrupted.signal });
    kill?.cancel();
    caller.close();
    const { json, rate, seconds, frontEnd } = options;
    const asJson = { rate, seconds, frontEnd, stream, ...figures };
    process.stdout.write(json ? `${JSON.stringify(asJson)}\n` : loadReport(options, figures));
  } finally {
    await simulation?.close();
  }
}

function addressOf({ url, frontEnd }: LoadOptions, simulation: Simulation | undefined): URL {
  if (url !== undefined) return url;
  return new URL((frontEnd === "grpc" ? simulation?.grpcUrl : simulation?.httpUrl) ?? "");
}

function planKill({ killPrimaryAt, json }: LoadOptions, simulation: Simulation | undefined) {
  if (killPrimaryAt === undefined || simulation === undefined) return undefined;
  return clock.setTimer(killPrimaryAt * 1_000, () => {
    if (!json) process.stdout.write(`The first provider goes away after ${killPrimaryAt} s.\n`);
    void simulation.killPrimary();
  });
}

try {
  const argv = process.argv.slice(2);
  if (argv.includes("--help")) process.stdout.write(usage);
  else await loadTest(parseLoadOptions(argv));
} catch (error) {
  const said = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    error instanceof UsageError ? `${said}\n\n${usage}` : `The load test did not run: ${said}\n`,
  );
  process.exitCode = 1;
}
