// The code of a front end is loaded with its first request, once, and requests that come meanwhile wait for it.

import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import type { HttpFrontEnd } from "../../src/api/http-front-end.ts";
import { startHttpServer } from "../../src/api/http-server.ts";
import { createLazyFrontEnd } from "../../src/api/lazy-front-end.ts";
import { systemClock } from "../../src/system-clock.ts";

async function serving(load: () => Promise<HttpFrontEnd>, faults: unknown[] = [], upgrades = false) {
  const frontEnd = createLazyFrontEnd({
    endpoints: [],
    serves: (path) => path === "/late",
    load,
    upgrades,
    clock: systemClock,
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
  return { post, frontEnd, port: server.port, close: () => server.close() };
}

const echo: HttpFrontEnd = {
  endpoints: [],
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

it("reports code that cannot be loaded, says that it failed, and tries again with the next request", async () => {
  const faults: unknown[] = [];
  const missing = new Error("no such module");
  let loads = 0;
  const { post, close } = await serving(() => {
    loads += 1;
    return loads === 1 ? Promise.reject(missing) : Promise.resolve(echo);
  }, faults);
  const answer = await post("one");
  expect(JSON.parse(answer)).toMatchObject({ error: { code: "internal" } });
  expect(answer).not.toContain("no such module");
  expect(faults).toEqual([missing]);
  expect(await post("two")).toBe("two");
  await close();
});

it("says so when what it loaded cannot serve a request", async () => {
  const faults: unknown[] = [];
  const fault = new Error("unforeseen");
  const handle = () => {
    throw fault;
  };
  const { post, close } = await serving(() => Promise.resolve({ ...echo, handle }), faults);
  expect(JSON.parse(await post("one"))).toMatchObject({ error: { code: "internal" } });
  expect(faults).toEqual([fault]);
  await close();
});

/** Code that the test hands over when it likes. */
function loadedLater() {
  const { promise, resolve } = Promise.withResolvers<HttpFrontEnd>();
  const asked = Promise.withResolvers<void>();
  const load = () => {
    asked.resolve();
    return promise;
  };
  return { load, asked: asked.promise, resolve };
}

const upgradeHead =
  "GET /late HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

it("hands on a connection with what its client sent early, before and while it loaded", async () => {
  const { load, asked, resolve } = loadedLater();
  const { port, close } = await serving(load, [], true);
  const client = connect(port, "127.0.0.1");
  client.write(`${upgradeHead}one `);
  await asked;
  client.end("two");
  resolve({
    ...echo,
    upgrade(_, socket, head) {
      socket.unshift(head);
      socket.pipe(socket);
    },
  });
  expect(await text(client)).toBe("one two");
  await close();
});

it.each(["a request", "a connection"])("drained while it loads, it takes %s no more", async (kind) => {
  const { load, asked, resolve } = loadedLater();
  const { port, close } = await serving(load, [], true);
  const client = connect(port, "127.0.0.1");
  client.write(kind === "a request" ? "GET /late HTTP/1.1\r\nhost: localhost\r\n\r\n" : upgradeHead);
  const answer = text(client);
  await asked;
  const closing = close();
  resolve({ ...echo, upgrade: () => {} });
  expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n[^]*"code":"unavailable"/i);
  await closing;
});

it("drained before it was asked, it loads nothing", async () => {
  let loads = 0;
  const { frontEnd, post, close } = await serving(() => {
    loads += 1;
    return Promise.resolve(echo);
  });
  await frontEnd.drain?.();
  expect(JSON.parse(await post("one"))).toMatchObject({ error: { code: "unavailable" } });
  expect(loads).toBe(0);
  await close();
});

it("drains what it has loaded, which goes on answering, and closes it", async () => {
  const told: string[] = [];
  const { post, frontEnd, close } = await serving(() =>
    Promise.resolve({
      ...echo,
      drain: () => Promise.resolve(void told.push("drain")),
      close: () => Promise.resolve(void told.push("close")),
    }),
  );
  await post("one");
  await frontEnd.drain?.();
  expect(await post("two")).toBe("two");
  expect(told).toEqual(["drain"]);
  await close();
  expect(told).toEqual(["drain", "drain", "close"]);
});
