// What the check is asked to do, from the command line.

import { parseArgs } from "node:util";
import { askedAddress } from "../asked-address.ts";
import { UsageError } from "../usage-error.ts";

export interface VerifyOptions {
  /** Absent: the check starts a gateway of its own. */
  readonly addresses: GatewayAddresses | undefined;
  /** Absent: the gateway's default. */
  readonly model: string | undefined;
  /** Absent: embeddings are left out, but of a gateway of its own. */
  readonly embeddingModel: string | undefined;
  readonly json: boolean;
}

export interface GatewayAddresses {
  readonly http: URL;
  readonly grpc: URL;
}

export const usage = `Usage: npm run verify:idempotency -- [options]
  --url <address>           a running gateway, as http://127.0.0.1:8080; else one of its own over a demo upstream
  --grpc <address>          its gRPC port; port 50051 where --url is
  --model <name>            as callers name it; the gateway's default
  --embedding-model <name>  for /v1/embeddings, which is left out without it
  --json                    the report as JSON
  --yes                     also against a gateway that is not on this machine
  --help                    this text
A key is taken from the environment: SLUICE_API_KEY. It needs gateway:use, requests:view and usage:view.
`;

/** @throws UsageError */
export function parseVerifyOptions(argv: readonly string[]): VerifyOptions {
  const values = parsed(argv);
  return {
    addresses: addressesOf(values),
    model: values.model,
    embeddingModel: values["embedding-model"],
    json: values.json === true,
  };
}

interface Addressed {
  readonly url?: string | undefined;
  readonly grpc?: string | undefined;
  readonly yes?: boolean | undefined;
}

function addressesOf({ url, grpc, yes = false }: Addressed): GatewayAddresses | undefined {
  if (url === undefined) {
    if (grpc === undefined) return undefined;
    throw new UsageError("--grpc needs --url: records are read over HTTP.");
  }
  const http = askedAddress(url, { option: "--url", example: "http://127.0.0.1:8080", anywhere: yes });
  const example = "http://127.0.0.1:50051";
  return {
    http,
    grpc: askedAddress(grpc ?? `${http.protocol}//${http.hostname}:50051`, {
      option: "--grpc",
      example,
      anywhere: yes,
    }),
  };
}

function parsed(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        url: { type: "string" },
        grpc: { type: "string" },
        model: { type: "string" },
        "embedding-model": { type: "string" },
        json: { type: "boolean" },
        yes: { type: "boolean" },
      },
    });
    return values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
