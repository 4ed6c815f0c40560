// What a load test is asked to do, from the command line.

import { parseArgs } from "node:util";
import { askedAddress } from "../asked-address.ts";
import { UsageError } from "../usage-error.ts";

export const frontEnds = ["http", "grpc", "graphql"] as const;
export type FrontEndName = (typeof frontEnds)[number];

export interface LoadOptions {
  /** Absent: the load test starts a gateway of its own. */
  readonly url: URL | undefined;
  readonly frontEnd: FrontEndName;
  /** Calls a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly stream: boolean;
  /** Absent: the gateway's default. */
  readonly model: string | undefined;
  readonly prompt: string;
  /** Seconds from the first call; only of a gateway of the load test's own. */
  readonly killPrimaryAt: number | undefined;
  readonly json: boolean;
}

export const usage = `Usage: npm run load-test -- [options]
  --url <address>          the gateway; http://127.0.0.1:8080, or :50051 for gRPC
  --simulate               a gateway of its own over three demo providers, instead of --url
  --kill-primary-at <s>    with --simulate: the first provider goes away after so many seconds
  --front-end <name>       http (OpenAI's API), grpc or graphql; http
  --rate <calls a second>  1 to 5000; 20
  --seconds <s>            1 to 600; 10
  --stream                 streamed answers, with the time to their first token
  --model <name>           as callers name it; the gateway's default
  --prompt <text>          what is asked
  --json                   the report as JSON
  --yes                    also against a gateway that is not on this machine
  --help                   this text
A key is taken from the environment: SLUICE_API_KEY.
`;

/** @throws UsageError */
export function parseLoadOptions(argv: readonly string[]): LoadOptions {
  const values = parsed(argv);
  const frontEnd = frontEnds.find((name) => name === (values["front-end"] ?? "http"));
  if (frontEnd === undefined) throw new UsageError(`--front-end must be one of ${frontEnds.join(", ")}.`);
  const simulate = values.simulate === true;
  const killPrimaryAt = wholeNumber("kill-primary-at", values["kill-primary-at"], [0, 600]);
  if (killPrimaryAt !== undefined && !simulate) {
    throw new UsageError("--kill-primary-at needs --simulate: only a provider of its own can be stopped.");
  }
  if (simulate && values.url !== undefined) {
    throw new UsageError("--simulate starts a gateway of its own. Leave --url out.");
  }
  return {
    url: simulate
      ? undefined
      : askedAddress(values.url ?? defaultUrls[frontEnd], { ...address, anywhere: values.yes === true }),
    frontEnd,
    rate: wholeNumber("rate", values.rate, [1, 5_000]) ?? 20,
    seconds: wholeNumber("seconds", values.seconds, [1, 600]) ?? 10,
    stream: values.stream === true,
    model: values.model,
    prompt: values.prompt ?? "Say hello in one sentence.",
    killPrimaryAt,
    json: values.json === true,
  };
}

const address = { option: "--url", example: "http://127.0.0.1:8080" };

const defaultUrls: Readonly<Record<FrontEndName, string>> = {
  http: "http://127.0.0.1:8080",
  graphql: "http://127.0.0.1:8080",
  grpc: "http://127.0.0.1:50051",
};

function parsed(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        url: { type: "string" },
        simulate: { type: "boolean" },
        "kill-primary-at": { type: "string" },
        "front-end": { type: "string" },
        rate: { type: "string" },
        seconds: { type: "string" },
        stream: { type: "boolean" },
        model: { type: "string" },
        prompt: { type: "string" },
        json: { type: "boolean" },
        yes: { type: "boolean" },
      },
    });
    return values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function wholeNumber(
  name: string,
  text: string | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}; found "${text}".`);
}
