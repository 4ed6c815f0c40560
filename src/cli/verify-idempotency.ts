// `npm run verify:idempotency`: sends duplicates with one idempotency key by each front end of a gateway, and looks on
// its records whether they were one call. It talks to the gateway as its users do.

import { setTimeout as wait } from "node:timers/promises";
import { checkReachable } from "./check-reachable.ts";
import { UsageError } from "./usage-error.ts";
import { type FaceFigures, figuresOf } from "./verify-idempotency/evidence.ts";
import type { FaceGroup } from "./verify-idempotency/face.ts";
import { createGraphqlFaces } from "./verify-idempotency/graphql-faces.ts";
import { createHttpFaces } from "./verify-idempotency/http-faces.ts";
import { createKeptRecords } from "./verify-idempotency/kept-records.ts";
import { type OwnGateway, startOwnGateway } from "./verify-idempotency/own-gateway.ts";
import { createRpcFaces } from "./verify-idempotency/rpc-faces.ts";
import { verifyFace } from "./verify-idempotency/verify-face.ts";
import { parseVerifyOptions, usage, type VerifyOptions } from "./verify-idempotency/verify-options.ts";
import { verifyReport } from "./verify-idempotency/verify-report.ts";

const duplicates = 100;

/** Whether all was right. */
async function verify(options: VerifyOptions): Promise<boolean> {
  const own = options.addresses === undefined ? await startOwnGateway() : undefined;
  try {
    const figures = await figuresBy(options, own);
    const report = options.json
      ? `${JSON.stringify({ duplicates, frontEnds: figures })}\n`
      : verifyReport(figures, duplicates);
    process.stdout.write(report);
    return figures.every(({ wrong }) => wrong.length === 0);
  } finally {
    await own?.close();
  }
}

async function figuresBy(
  { addresses, model, embeddingModel }: VerifyOptions,
  own: OwnGateway | undefined,
): Promise<readonly FaceFigures[]> {
  const at = addresses ?? own?.addresses;
  if (at === undefined) throw new Error("There is no gateway to look at.");
  const { http: url, grpc: grpcUrl } = at;
  const otherwise = "leave --url out for one of its own";
  await checkReachable(url, otherwise);
  await checkReachable(grpcUrl, `say by --grpc where its gRPC port is, or ${otherwise}`);
  const apiKey = own === undefined ? process.env["SLUICE_API_KEY"] : undefined;
  const options = { url, model, apiKey };
  const records = createKeptRecords({ url, apiKey, wait });
  const groups: readonly FaceGroup[] = [
    createHttpFaces({ ...options, embeddingModel: embeddingModel ?? own?.embeddingModel }),
    createGraphqlFaces(options),
    createRpcFaces({ ...options, grpcUrl }),
  ];
  const ports = { records, duplicates, newKey, received: own?.received };
  try {
    // Nothing is asked, and paid, that could not be looked at afterwards.
    await records.spent();
    const figures: FaceFigures[] = [];
    for (const face of groups.flatMap((group) => group.faces)) {
      figures.push(figuresOf(await verifyFace(face, ports)));
    }
    return figures;
  } finally {
    for (const group of groups) group.close();
    records.close();
  }
}

const newKey = (): string => `verify-${crypto.randomUUID()}`;

try {
  const argv = process.argv.slice(2);
  if (argv.includes("--help")) process.stdout.write(usage);
  else if (!(await verify(parseVerifyOptions(argv)))) process.exitCode = 1;
} catch (error) {
  const said = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    error instanceof UsageError ? `${said}\n\n${usage}` : `Idempotency was not verified: ${said}\n`,
  );
  process.exitCode = 1;
}
