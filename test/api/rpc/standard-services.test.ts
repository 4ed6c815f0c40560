// Health and reflection are loaded with their first call.

import { expect, test } from "vitest";
import { createStandardHandlers } from "../../../src/api/rpc/standard-handlers.ts";
import { createStandardServices, standardMethods } from "../../../src/api/rpc/standard-services.ts";

const byPath = (one: { readonly path: string }, other: { readonly path: string }) =>
  one.path < other.path ? -1 : 1;

test("the methods that the server takes before are those of the official packages", () => {
  const { methods } = createStandardHandlers([""], "SERVING");
  const official = [...methods.values()].map(({ definition: { path, requestStream, responseStream } }) => ({
    path,
    requestStream,
    responseStream,
  }));
  expect(official.toSorted(byPath)).toEqual(standardMethods.toSorted(byPath));
});

/** Asks as the server does: handlers are called when what they need is loaded. */
async function checkHealth(standard: ReturnType<typeof createStandardServices>): Promise<unknown> {
  const handlers = new Map<string, unknown>();
  standard.addToServer({
    addService(_, implementation) {
      for (const [path, handle] of Object.entries(implementation)) handlers.set(path, handle);
    },
  });
  await standard.load();
  const check = handlers.get("/grpc.health.v1.Health/Check");
  return new Promise((resolve) => {
    if (typeof check !== "function") throw new Error("Health has no Check.");
    check({ request: { service: "" } }, (_: unknown, answer: unknown) => resolve(answer));
  });
}

test("whoever asks first after a stop was announced hears of it", async () => {
  expect(await checkHealth(createStandardServices())).toEqual({ status: "SERVING" });
  const stopping = createStandardServices();
  stopping.announceStop();
  expect(await checkHealth(stopping)).toEqual({ status: "NOT_SERVING" });
});
