// What an administrator can read afterwards, of a gateway as the process builds it, with its database.

import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createGateway, type RunningGateway } from "../../../src/gateway.ts";
import { serveAll, type ServedGateway } from "../parity/serve-all.ts";
import { hello, wellAnswer } from "./fault.ts";
import { configurationAt } from "./faults-gateway.ts";
import { type Places, startPlaces } from "./places.ts";

let places: Places;
let gateway: RunningGateway;
let served: ServedGateway;
beforeAll(async () => {
  places = await startPlaces({});
  gateway = await createGateway(configurationAt(places, { failureThreshold: 2, retries: 1 }));
  served = await serveAll(gateway);
});
afterAll(async () => {
  await served.close();
  await places.close();
});

const query = `{
  requests(first: 10) {
    nodes { status errorCode provider attempts { number reason provider status failure httpStatus } }
  }
}`;

const answerSchema = z.object({
  data: z.object({ requests: z.object({ nodes: z.array(z.record(z.string(), z.unknown())) }) }),
});

/** The newest first. */
async function onRecord(): Promise<readonly unknown[]> {
  await gateway.database.flush();
  const response = await fetch(`${served.baseUrl}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  return answerSchema.parse(await response.json()).data.requests.nodes;
}

const failed = { provider: "ill-openai", status: "FAILED", failure: "overloaded", httpStatus: 503 };
const answered = { provider: "well-anthropic", status: "OK", failure: null, httpStatus: 200 };

test("each attempt with its number, its reason and how it ended, and each target that was passed over", async () => {
  places.ill.setFault({ kind: "status", status: 503 });
  const [library] = served.clients;
  for (let call = 0; call < 2; call += 1) {
    expect((await library.chat({ ...hello, model: "ill" })).text).toBe(wellAnswer);
  }
  places.ill.setFault(undefined);
  expect(await onRecord()).toEqual([
    {
      status: "OK",
      errorCode: null,
      provider: "well-anthropic",
      attempts: [
        {
          number: 1,
          reason: "PRIMARY",
          provider: "ill-openai",
          status: "SKIPPED",
          failure: null,
          httpStatus: null,
        },
        { number: 2, reason: "FALLBACK", ...answered },
      ],
    },
    {
      status: "OK",
      errorCode: null,
      provider: "well-anthropic",
      attempts: [
        { number: 1, reason: "PRIMARY", ...failed },
        { number: 2, reason: "RETRY", ...failed },
        { number: 3, reason: "FALLBACK", ...answered },
      ],
    },
  ]);
});
