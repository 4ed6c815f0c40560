import { describe, expect, it } from "vitest";
import { defaultRoute, type Given, load, messageOf } from "./load.ts";

const previous = (text: string) =>
  load({ environment: { SLUICE_SECRET_PREVIOUS: text } }).settings.secretPrevious;

describe("a setting", () => {
  it("has its default", () => {
    expect(load({}).settings).toMatchObject({
      host: "127.0.0.1",
      httpPort: 8080,
      grpcPort: 50_051,
      databaseUrl: "sqlite:./sluice.db",
      keylessNetworks: ["127.0.0.0/8", "::1"],
      maxBodyBytes: 33_554_432,
      loggingPolicy: undefined,
    });
  });

  it("comes from the flag before the environment before the file", () => {
    const yaml = "httpPort: 1\ngrpcPort: 1\nallowedHosts: [a, b]\n";
    const environment = { HTTP_PORT: "2", GRPC_PORT: "2" };
    const { settings } = load({ yaml, environment, flags: { "http-port": "3" } });
    expect(settings).toMatchObject({ httpPort: 3, grpcPort: 2, allowedHosts: ["a", "b"] });
  });

  it.each([
    "https://login.example/keys",
    "http://127.0.0.1:9000/keys",
    "http://[::1]/keys",
    "http://localhost/keys",
  ])("may name keys at %s", (url) => {
    const environment = { JWT_ISSUER: "https://login.example", JWT_AUDIENCE: "sluice", JWT_JWKS_URL: url };
    expect(load({ environment }).settings).toMatchObject({
      jwtJwksUrl: url,
      jwtAlgorithms: ["RS256", "ES256", "EdDSA"],
    });
  });

  it("has one secret before the current one, or several, or one with commas in it", () => {
    const [before, first] = ["b", "f"].map((letter) => letter.repeat(32));
    expect(load({}).settings.secretPrevious).toEqual([]);
    expect(previous(before ?? "")).toEqual([before]);
    // The whole may be one too.
    expect(previous(`${before}, ${first}`)).toEqual([before, first, `${before}, ${first}`]);
    expect(previous("a secret, which has a comma in it")).toEqual(["a secret, which has a comma in it"]);
    const { settings } = load({ yaml: `secretPrevious: [${before}, ${first}]` });
    expect(settings.secretPrevious).toEqual([before, first, `${before},${first}`]);
  });

  it("that is empty in the environment is not set", () => {
    expect(load({ environment: { HTTP_PORT: "" } }).settings.httpPort).toBe(8080);
  });
});

describe("settings of kept answers", () => {
  it("have their defaults", () => {
    expect(load({}).settings).toMatchObject({
      cacheEnabled: true,
      cacheMode: "deterministic",
      cacheTtlSeconds: 3_600,
      cacheMaxEntries: 1_000,
      cacheMaxBytes: 268_435_456,
      idempotencyMaxBytes: 1_048_576,
      runLogMaxBytes: 4_194_304,
      runLogsMaxBytes: 134_217_728,
      resumeAwaySeconds: 60,
      resumeKeepSeconds: 300,
      apiKeyCache: "memory",
      metricsToken: undefined,
    });
  });

  it.each([
    ["CACHE_TTL_SECONDS", 0, 2_592_000],
    ["CACHE_MAX_ENTRIES", 1, 10_000_000],
    ["CACHE_MAX_BYTES", 1_048_576, 1_099_511_627_776],
    ["IDEMPOTENCY_MAX_BYTES", 1_024, 67_108_864],
    ["RUN_LOG_MAX_BYTES", 65_536, 268_435_456],
    ["RUN_LOGS_MAX_BYTES", 1_048_576, 1_099_511_627_776],
    ["RESUME_AWAY_SECONDS", 0, 3_600],
    ["RESUME_KEEP_SECONDS", 1, 86_400],
  ])("%s is from %d to %d", (variable, min, max) => {
    const told = (value: number) => messageOf({ environment: { [variable]: String(value) } });
    expect([told(min), told(max)]).toEqual(["accepted", "accepted"]);
    for (const beyond of [min - 1, max + 1]) {
      expect(told(beyond)).toBe(
        `environment: ${variable}: must be a whole number from ${min} to ${max}; found "${beyond}".`,
      );
    }
  });

  it("may keep keys in the Redis that there is", () => {
    const environment = { API_KEY_CACHE: "redis", REDIS_URL: "redis://127.0.0.1" };
    expect(load({ environment }).settings.apiKeyCache).toBe("redis");
    expect(messageOf({ yaml: "apiKeyCache: redis" })).toBe(
      "API_KEY_CACHE=redis needs REDIS_URL. Set it to the address of a Redis, or API_KEY_CACHE to memory.",
    );
  });

  it.each([
    "0123456789abcde",
    "with a space in it",
    "tab\tbetween 16 characters",
    "Schlüssel-zu-Zahlen",
    "x".repeat(1_025),
  ])("may not be a token as %j, and never show it", (token) => {
    const told = messageOf({ environment: { METRICS_TOKEN: token } });
    expect(told).toMatch(
      /^environment: METRICS_TOKEN: must be 16 or more letters.*; found something else\.$/,
    );
  });

  it("may be a token of 16 characters", () => {
    const environment = { METRICS_TOKEN: "0123456789abcdef" };
    expect(load({ environment }).settings.metricsToken).toBe("0123456789abcdef");
  });
});

describe("a use case", () => {
  const yaml =
    "useCases: { plain: { route: default }, kept: { route: default, cache: { mode: all, ttlSeconds: 0 } } }";

  it("names its route, and may say how its answers are cached", () => {
    expect(load({ yaml }).useCases).toEqual({
      plain: { route: "default" },
      kept: { route: "default", cache: { mode: "all", ttlSeconds: 0 } },
    });
  });
});

describe("a wrong value stops the start with the place, the key, what was found and what is allowed", () => {
  const cases: [Given, string][] = [
    [
      { environment: { HTTP_PORT: "eighty" } },
      'environment: HTTP_PORT: must be a whole number from 0 to 65535; found "eighty".',
    ],
    [
      { flags: { "grpc-port": "70000" } },
      '--grpc-port: must be a whole number from 0 to 65535; found "70000".',
    ],
    [
      { yaml: "loggingPolicy: everything" },
      'sluice.yaml: loggingPolicy: must be full, metadata, none; found "everything".',
    ],
    [
      { environment: { AUTH_REQUIRED: "yes" } },
      'environment: AUTH_REQUIRED: must be true or false; found "yes".',
    ],
    [
      { environment: { KEYLESS_NETWORKS: "10.0.0.0/33" } },
      "environment: KEYLESS_NETWORKS: must be addresses",
    ],
    [{ environment: { SLUICE_API_KEYS: "short" } }, "found something else."],
    [
      { environment: { SLUICE_SECRET: "only thirty-one bytes are here." } },
      "SLUICE_SECRET: must be a text of 32 bytes",
    ],
    [{ flags: { "sluice-secret-previous": "short" } }, "found something else."],
    [
      { environment: { SLUICE_SECRET_PREVIOUS: "short,too" } },
      "SLUICE_SECRET_PREVIOUS: must be a secret of 32 bytes or more, or several with commas between them; found something else.",
    ],
    [
      { environment: { JWT_ISSUER: "https://login.example" } },
      "go together. Set JWT_AUDIENCE and JWT_JWKS_URL too, or take JWT_ISSUER out.",
    ],
    [
      { yaml: "jwtAudience: sluice\njwtJwksUrl: https://login.example/keys" },
      "Set JWT_ISSUER too, or take JWT_AUDIENCE and JWT_JWKS_URL out.",
    ],
    [{ environment: { JWT_ALGORITHMS: "," } }, "environment: JWT_ALGORITHMS: must be names such as RS256"],
    [{ yaml: 'jwtAlgorithms: [" "]' }, "sluice.yaml: jwtAlgorithms: must be names such as RS256"],
    [
      { environment: { JWT_JWKS_URL: "http://login.example/keys" } },
      "environment: JWT_JWKS_URL: must be an address such as https://login.example.com/keys (http:// on loopback)",
    ],
    [
      { environment: { JWT_JWKS_URL: "http://127.0.0.1.login.example/keys" } },
      "environment: JWT_JWKS_URL: must be an address",
    ],
    [
      { environment: { PUBLIC_URL: "https://llm.example.com/" } },
      'environment: PUBLIC_URL: must be an origin such as https://llm.example.com; found "https://llm.example.com/".',
    ],
    [
      { environment: { REDIS_URL: "http://:canary@redis" } },
      "such as redis://127.0.0.1:6379; found something else.",
    ],
    [{ environment: { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "ftp://x" } }, "environment: OPENAI_BASE_URL"],
    [{ environment: { GROQ_API_KEY: "k", GROQ_PRIORITY: "high" } }, "GROQ_PRIORITY: must be a whole number"],
    [{ flags: { "http-prot": "1" } }, "--http-prot: is no flag. There are: --host, --http-port"],
    [{ yaml: "httpProt: 1" }, "sluice.yaml: httpProt: is no key. There are: host, httpPort"],
    [{ yaml: "provider: { x: { kind: openai } }" }, "sluice.yaml: provider: is no key. There are: host,"],
    [
      { yaml: "httpPort: { a: 1 }" },
      "sluice.yaml: httpPort: must be a text, a number, true, false, or a list of these; found a mapping.",
    ],
    [{ yaml: "[a]" }, "sluice.yaml: the file: must be a mapping; found a list."],
    [{ yaml: "providers: { x: {} }" }, "sluice.yaml: providers.x.kind: must be a text; found nothing."],
    [{ yaml: "providers: [openai]" }, "sluice.yaml: providers: must be a mapping of names; found a list."],
    [{ yaml: "providers:" }, "sluice.yaml: providers: must be a mapping of names; found nothing."],
    [
      { yaml: "providers: { Mine: { kind: openai } }" },
      "sluice.yaml: providers.Mine: must be lower-case letters, digits, `-` or `_`.",
    ],
    [
      { yaml: "providers: { x: { kind: openai, apiKey: k, priority: high } }" },
      'sluice.yaml: providers.x.priority: must be a whole number; found "high".',
    ],
    [
      {
        yaml: "routes: { r: { targets: [{ provider: x, model: m }, { provider: x, model: m, retry: 2 }] } }",
      },
      "sluice.yaml: routes.r.targets[1].retry: is no key. There are: provider, model, priority, api, vectorSpace, weight,",
    ],
    [
      { yaml: "routes: { r: { target: [] } }" },
      "sluice.yaml: routes.r.target: is no key. There are: strategy, smartWeights, onStreamBreak, maxRetryDelayMs, hedge, cache, fallbackMessage, targets.",
    ],
    [
      { yaml: "routes: { r: { targets: [] } }" },
      "sluice.yaml: routes.r.targets: must not be empty; found a list.",
    ],
    [
      { yaml: "routes: { r: { strategy: cheapest, targets: [{ provider: x, model: m }] } }" },
      'sluice.yaml: routes.r.strategy: must be priority, weighted, round_robin, least_latency, lowest_cost or smart; found "cheapest".',
    ],
    [
      { yaml: "useCases: { u: { route: default, model: m } }" },
      "sluice.yaml: useCases.u.model: is no key. There are: route, cache.",
    ],
    [{ yaml: "useCases: { u: }" }, "sluice.yaml: useCases.u: must be a mapping; found nothing."],
    [{ yaml: "useCases: { u: {} }" }, "sluice.yaml: useCases.u.route: must be a text; found nothing."],
    [{ yaml: "useCases: [u]" }, "sluice.yaml: useCases: must be a mapping of names; found a list."],
    [
      { yaml: "useCases: { u: { route: default, cache: { ttl: 1 } } }" },
      "sluice.yaml: useCases.u.cache.ttl: is no key. There are: mode, ttlSeconds.",
    ],
    [
      { yaml: "useCases: { u: { route: default, cache: { staleIfErrorSeconds: 1 } } }" },
      "sluice.yaml: useCases.u.cache.staleIfErrorSeconds: is no key. There are: mode, ttlSeconds.",
    ],
    [
      { yaml: "useCases: { u: { route: default, cache: { ttlSeconds: 2592001 } } }" },
      "sluice.yaml: useCases.u.cache.ttlSeconds: must be a whole number from 0 to 2592000; found 2592001.",
    ],
    [
      { environment: { CACHE_MODE: "none" } },
      'environment: CACHE_MODE: must be deterministic, all, off; found "none".',
    ],
    [{ yaml: "cacheEnabled: maybe" }, 'sluice.yaml: cacheEnabled: must be true or false; found "maybe".'],
    [{ yaml: "a: [" }, "sluice.yaml: is not YAML"],
    [{ yaml: "providers: { x: { kind: nope, apiKey: k } }" }, "must be one of openai, groq, anthropic"],
    [
      { yaml: 'providers: { x: { kind: openai, apiKey: "${NO_SUCH}" } }' },
      "sluice.yaml: providers.x.apiKey: the environment has no NO_SUCH",
    ],
    [
      { yaml: "providers: { x: { kind: openai, apiKey: k, priority: 1.5 } }" },
      "sluice.yaml: providers.x.priority",
    ],
    [
      { yaml: "routes: { r: { targets: [{ provider: ghost, model: m }] } }" },
      'routes.r.targets[0].provider: "ghost" is not configured. There are: none.',
    ],
    [{ yaml: "routes: { r: { targets: [] } }" }, "sluice.yaml: routes.r.targets"],
    [
      { yaml: "useCases: { u: { route: ghost } }" },
      'useCases.u.route: "ghost" is no route. There are: default.',
    ],
  ];
  it.each(cases)("%j", (given, message) => {
    expect(messageOf(given)).toContain(message);
  });
});

describe("the route default", () => {
  const keys = { OPENAI_API_KEY: "k", GROQ_API_KEY: "k", ANTHROPIC_API_KEY: "k" };

  it("is built from the environment in the order of the kinds", () => {
    expect(defaultRoute({ environment: keys })).toEqual([
      "groq/groq-default",
      "openai/openai-default",
      "anthropic/anthropic-default",
    ]);
  });

  it("follows the priorities, the higher first", () => {
    const environment = { ...keys, ANTHROPIC_PRIORITY: "5", GROQ_PRIORITY: "-1" };
    expect(defaultRoute({ environment })).toEqual([
      "anthropic/anthropic-default",
      "openai/openai-default",
      "groq/groq-default",
    ]);
  });

  it("is the file's where it has one, by the targets' priorities and then as written", () => {
    const yaml = `
routes:
  default:
    targets:
      - { provider: openai, model: a }
      - { provider: groq, model: b }
      - { provider: anthropic, model: c, priority: 1 }
`;
    expect(defaultRoute({ environment: keys, yaml })).toEqual(["anthropic/c", "openai/a", "groq/b"]);
  });
});
