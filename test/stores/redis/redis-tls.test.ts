// A Redis that speaks TLS, as those that are hired do.

import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createRedisLimits } from "../../../src/stores/redis/redis-limits.ts";
import { makeCertificates } from "../../api/make-certificates.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { redisOptions } from "./redis-options.ts";

const trusted = getCACertificates();
const certificates = makeCertificates();
const takes = [{ bucket: { key: "rpm:{a}", limit: 60 }, cost: 1 }];
let redis: RedisServer;

beforeAll(async () => {
  const { path } = certificates;
  redis = await startRedis({
    tls: { cert: path("server.pem"), key: path("server.key"), ca: path("ca.pem") },
  });
});

afterAll(async () => {
  setDefaultCACertificates(trusted);
  await redis.remove();
});

test("a certificate that nobody has vouched for is not trusted", async () => {
  const store = createRedisLimits(redisOptions(redis.tlsUrl));
  expect((await store.take(takes)).allowed).toBe(true);
  expect(store.problems()[0]).toMatch(/has a TLS certificate that cannot be trusted/);
  expect(await redis.run("EXISTS", "sluice:rpm:{a}")).toBe(":0");
  await store.close();
});

test("limits are kept over TLS", async () => {
  setDefaultCACertificates([...trusted, certificates.pem("ca.pem")]);
  const store = createRedisLimits(redisOptions(redis.tlsUrl));
  await vi.waitFor(async () => {
    expect((await store.take(takes)).allowed).toBe(true);
    expect(await redis.run("EXISTS", "sluice:rpm:{a}")).toBe(":1");
  });
  expect(store.problems()).toEqual([]);
  await store.close();
});
