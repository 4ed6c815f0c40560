// The files that deploy: what each says has to be so in the project.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parseNetworks } from "../../src/config/networks.ts";
import { settingTable } from "../../src/config/setting-table.ts";
import { providerTable } from "../../src/providers/provider-table.ts";
import { parseDockerfile } from "./image/dockerfile.ts";

const root = join(import.meta.dirname, "..", "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

const service = z.object({
  image: z.string().optional(),
  build: z.string().optional(),
  user: z.string().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  volumes: z.array(z.string()).default([]),
  restart: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
});
const compose = z
  .object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(read("docker-compose.yml")));
const services = Object.entries(compose.services);

/** As compose fills it in where nothing is set. */
const filledIn = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");

describe("docker-compose.yml", () => {
  it("has a gateway that is built here, PostgreSQL 16 and Redis 7", () => {
    expect(services.map(([name, { image, build }]) => [name, build ?? image])).toEqual([
      ["gateway", "."],
      ["postgres", "postgres:16-bookworm"],
      ["redis", "redis:7-bookworm"],
    ]);
  });

  it("publishes the gateway's two ports on 127.0.0.1, and nothing else", () => {
    expect(services.flatMap(([, { ports }]) => ports)).toEqual([
      "127.0.0.1:8080:8080",
      "127.0.0.1:50051:50051",
    ]);
  });

  it.each(services)("%s has no more rights than it needs, and comes back", (_, each) => {
    expect(each.restart).toBe("unless-stopped");
    expect(each.read_only).toBe(true);
    expect(each.cap_drop).toEqual(["ALL"]);
    expect(each.security_opt).toEqual(["no-new-privileges:true"]);
    // The gateway's user is the image's.
    if (each.build === undefined) expect(each.user).toMatch(/^(postgres|redis)$/);
  });

  it("knows of each service whether it is well; the gateway's check is its image's", () => {
    const checks = services.map(([name, { healthcheck }]) => [name, healthcheck?.test.slice(0, 2)]);
    expect(checks).toEqual([
      ["gateway", undefined],
      ["postgres", ["CMD", "pg_isready"]],
      ["redis", ["CMD", "redis-cli"]],
    ]);
    // While the image's script sets the database up, a server answers on a socket of its file system only.
    expect(compose.services["postgres"]?.healthcheck?.test).toContain("--host=127.0.0.1");
    expect(read("Dockerfile")).toMatch(/^HEALTHCHECK /m);
    expect(compose.services["gateway"]?.depends_on).toEqual({
      postgres: { condition: "service_healthy" },
      redis: { condition: "service_healthy" },
    });
  });

  it("keeps what must last in volumes that it names", () => {
    const mounted = services.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(":")[0]));
    expect(mounted).toEqual(Object.keys(compose.volumes));
  });

  it("sets only variables of the gateway that there are, to values that are allowed", () => {
    const environment = compose.services["gateway"]?.environment ?? {};
    const settings = Object.values(settingTable);
    const ofProviders = Object.values(providerTable).flatMap(({ env }) => Object.values(env ?? {}));
    for (const [name, value] of Object.entries(environment)) {
      const setting = settings.find(({ variable }) => variable === name);
      if (setting === undefined) expect(ofProviders).toContain(name);
      else expect(setting.kind.parse(filledIn(value)), name).not.toBeUndefined();
    }
    expect(environment["HOST"]).toBe("0.0.0.0");
  });

  it("does not come up without a secret of its own, and says how to make one", () => {
    expect(compose.services["gateway"]?.environment["SLUICE_SECRET"]).toMatch(
      /^\$\{SLUICE_SECRET:\?.*\.env.*openssl rand -hex 32.*\}$/,
    );
  });

  it("serves without a key who is on this machine or in a private network, and nobody else", () => {
    const networks = filledIn(compose.services["gateway"]?.environment["KEYLESS_NETWORKS"] ?? "").split(",");
    const served = (address: string) => parseNetworks(networks)?.(address);
    for (const address of ["127.0.0.1", "::1", "172.17.0.1", "10.1.2.3", "192.168.65.1", "fd00::1"]) {
      expect(served(address), address).toBe(true);
    }
    for (const address of ["8.8.8.8", "172.32.0.1", "192.169.0.1", "2001:db8::1"]) {
      expect(served(address), address).toBe(false);
    }
  });

  it("gives the gateway the database that it starts, with the same user and password", () => {
    const url = new URL(filledIn(compose.services["gateway"]?.environment["DATABASE_URL"] ?? ""));
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = compose.services["postgres"]?.environment ?? {};
    expect(url.username).toBe(POSTGRES_USER);
    expect(url.password).toBe(filledIn(POSTGRES_PASSWORD ?? ""));
    expect(url.pathname).toBe(`/${POSTGRES_DB}`);
    expect(url.host).toBe("postgres:5432");
  });

  it("gives the gateway the Redis that it starts, and the tokens a minute that .env says", () => {
    const { REDIS_URL, TOKENS_PER_MINUTE } = compose.services["gateway"]?.environment ?? {};
    expect(REDIS_URL).toBe("redis://redis:6379");
    expect(TOKENS_PER_MINUTE).toBe(`\${TOKENS_PER_MINUTE:-${settingTable.tokensPerMinute.fallback}}`);
  });
});

describe(".dockerignore", () => {
  const lines = read(".dockerignore")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const copied = parseDockerfile(read("Dockerfile"))
    .flatMap(({ instructions }) => instructions)
    .filter(({ keyword, flags }) => keyword === "COPY" && flags["from"] === undefined)
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));

  it("lets in what the Dockerfile copies, all of which exists, and nothing else", () => {
    expect(lines[0]).toBe("*");
    const letIn = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    expect(letIn.sort()).toEqual([...new Set(copied)].sort());
    expect(copied.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe("the Makefile", () => {
  const recipes = [...read("Makefile").matchAll(/^([a-z-]+):\n\t(.+)\n/gm)].map(([, name, line]) => [
    name,
    line,
  ]);

  it("has one line for each task", () => {
    expect(recipes.map(([name]) => name)).toEqual(["docker-up", "docker-down", "docker-logs", "dev", "test"]);
  });

  it("calls scripts that there are, and its names are no files", () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read("package.json")));
    const called = recipes.flatMap(([, line]) => /^npm (?:run )?(\w+)$/.exec(line ?? "")?.[1] ?? []);
    expect(called).toEqual(["dev", "test"]);
    for (const name of called) expect(Object.keys(scripts)).toContain(name);
    expect(read("Makefile")).toContain(`.PHONY: ${recipes.map(([name]) => name).join(" ")}\n`);
  });
});
