// The code of a front end is loaded with its first request, once, and requests that come meanwhile wait for it.

import { request as httpRequest } from "node:http";
import { expect, it } from "vitest";
import type { HttpFrontEnd } from "../../src/api/http-front-end.ts";
import { startHttpServer } from "../../src/api/http-server.ts";
import { createLazyFrontEnd } from "../../src/api/lazy-front-end.ts";
import { systemClock } from "../../src/system-clock.ts";

async function serving(load: () => Promise<HttpFrontEnd>, faults: unknown[] = []) {
  const frontEnd = createLazyFrontEnd({
    serves: (path) => path === "/late",
    load,
    upgrades: false,
    reportFault: (error) => faults.push(error),
  });
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    frontEnds: [frontEnd],
    maxBodyBytes: 1_024,
  });
  const post = (body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        { port: server.port, path: "/late", method: "POST", agent: false },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (piece: string) => (text += piece));
          response.on("end", () => resolve(text));
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  return { post, close: () => server.close() };
}

const echo: HttpFrontEnd = {
  serves: () => true,
  handle: (request, response) => void request.pipe(response),
};

it("loads once, and answers what came while it loaded, bodies whole", async () => {
  const { promise, resolve } = Promise.withResolvers<HttpFrontEnd>();
  let loads = 0;
  const asked = Promise.withResolvers<void>();
  const { post, close } = await serving(() => {
    loads += 1;
    asked.resolve();
    return promise;
  });
  expect(loads).toBe(0);
  const answers = [post("one"), post("two")];
  await asked.promise;
  resolve(echo);
  expect(await Promise.all(answers)).toEqual(["one", "two"]);
  expect(await post("three")).toBe("three");
  expect(loads).toBe(1);
  await close();
});

it("reports code that cannot be loaded, and ends the request", async () => {
  const faults: unknown[] = [];
  const missing = new Error("no such module");
  const { post, close } = await serving(() => Promise.reject(missing), faults);
  await expect(post("one")).rejects.toThrow();
  expect(faults).toEqual([missing]);
  await close();
});

it("ends what it has loaded", async () => {
  let closed = 0;
  const { post, close } = await serving(() =>
    Promise.resolve({ ...echo, close: () => Promise.resolve(void (closed += 1)) }),
  );
  await post("one");
  await close();
  expect(closed).toBe(1);
});
