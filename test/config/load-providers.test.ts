import { describe, expect, it } from "vitest";
import { defaultRoute, type Given, load, messageOf, targetsOf } from "./load.ts";

const endpoint = { HOSTED_BASE_URL: "https://mine.test" };

describe("a provider of the environment", () => {
  it("loads itself from its usual variables", () => {
    const environment = {
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: "http://localhost:1/v1/",
      OPENAI_MODEL: "gpt",
      OPENAI_PRIORITY: "7",
    };
    expect(load({ environment }).providers).toEqual([
      {
        name: "openai",
        kind: "openai",
        source: "environment",
        apiKeys: ["k"],
        baseUrl: "http://localhost:1/v1",
        settings: {},
        models: ["gpt"],
        priority: 7,
      },
    ]);
  });

  it("is not there without what loads it, and an empty variable is none", () => {
    const environment = {
      OPENAI_API_KEY: "",
      OPENAI_MODEL: "gpt",
      LOCAL_API_KEY: "k",
      HOSTED_BASE_URL: "https://mine.test",
      CLOUD_ID: "ambient",
      CLOUD_SECRET: "ambient",
      CLOUD_REGION: "north-1",
    };
    expect(load({ environment }).providers).toEqual([]);
  });

  it("whose address loads it needs no key, and without a model has those of its own list", () => {
    const environment = { LOCAL_BASE_URL: "http://localhost:8000/v1" };
    expect(load({ environment }).providers).toMatchObject([
      { name: "local", apiKeys: [], baseUrl: "http://localhost:8000/v1", models: [] },
    ]);
    expect(defaultRoute({ environment })).toEqual([]);
    expect(
      load({ environment: { ...environment, LOCAL_API_KEY: "k", LOCAL_MODEL: "m" } }).providers,
    ).toMatchObject([{ apiKeys: ["k"], models: ["m"] }]);
  });

  it("has its own settings, and its deployments are its models, the first one its default", () => {
    const environment = {
      ...endpoint,
      HOSTED_API_KEY: "k",
      HOSTED_VERSION: "2025-01-01",
      HOSTED_DEPLOYMENTS: "gpt-5-mini=my-mini, gpt-5=my=big,",
    };
    expect(load({ environment }).providers).toMatchObject([
      {
        settings: {
          apiVersion: "2025-01-01",
          deployments: { "gpt-5-mini": "my-mini", "gpt-5": "my=big" },
        },
        models: ["gpt-5-mini", "gpt-5"],
      },
    ]);
    expect(load({ environment: { ...environment, HOSTED_MODEL: "gpt-5" } }).providers).toMatchObject([
      { models: ["gpt-5", "gpt-5-mini"] },
    ]);
  });

  it("takes a token in place of the key, and the key where both are given", () => {
    const environment = { ...endpoint, HOSTED_AD_TOKEN: "t" };
    expect(load({ environment }).providers).toMatchObject([{ apiKeys: [], settings: { adToken: "t" } }]);
    expect(load({ environment: { ...environment, HOSTED_API_KEY: "k" } }).providers).toMatchObject([
      { apiKeys: ["k"], settings: {} },
    ]);
  });

  it("takes its address from the alias where the usual name has none", () => {
    const environment = { HOSTED_API_KEY: "k", HOSTED_ENDPOINT: "https://alias.test/" };
    expect(load({ environment }).providers).toMatchObject([{ baseUrl: "https://alias.test" }]);
    expect(load({ environment: { ...environment, ...endpoint } }).providers).toMatchObject([
      { baseUrl: "https://mine.test" },
    ]);
  });

  it("has its region in its address", () => {
    const environment = { CLOUD_API_KEY: "k", CLOUD_REGION: "north-1" };
    expect(load({ environment }).providers).toMatchObject([
      { baseUrl: "https://cloud.north-1.test", settings: { region: "north-1" }, models: ["cloud-default"] },
    ]);
  });
});

describe("a provider of the file", () => {
  it("stands for the one of the environment that bears its name", () => {
    const environment = { GROQ_API_KEY: "k" };
    const yaml = 'providers: { groq: { kind: groq, apiKey: "${GROQ_API_KEY}", models: [a, b] } }';
    expect(load({ environment, yaml }).providers).toMatchObject([
      { name: "groq", source: "file", apiKeys: ["k"], models: ["a", "b"] },
    ]);
  });

  it("has the settings of its kind, and from the environment those that it does not say", () => {
    const environment = { HOSTED_API_KEY: "k", HOSTED_VERSION: "v1", HOSTED_BASE_URL: "https://e.test" };
    const yaml = "providers: { mine: { kind: hosted, api: responses, deployments: { a: b } } }";
    expect(load({ environment, yaml }).providers[0]).toEqual({
      name: "mine",
      kind: "hosted",
      source: "file",
      apiKeys: ["k"],
      baseUrl: "https://e.test",
      api: "responses",
      settings: { apiVersion: "v1", deployments: { a: "b" } },
      models: ["a"],
      priority: 0,
    });
  });

  it("takes a credential whole from one place", () => {
    const environment = { CLOUD_ID: "e-id", CLOUD_SECRET: "e-secret", CLOUD_SESSION: "e-session" };
    const settingsOf = (members: string) =>
      load({ environment, yaml: `providers: { c: { kind: cloud, region: r, ${members} } }` }).providers[0];
    expect(settingsOf("")).toMatchObject({
      apiKeys: [],
      settings: { region: "r", accessKeyId: "e-id", secretAccessKey: "e-secret", sessionToken: "e-session" },
    });
    expect(settingsOf("accessKeyId: f-id, secretAccessKey: f-secret")?.settings).toEqual({
      region: "r",
      accessKeyId: "f-id",
      secretAccessKey: "f-secret",
    });
    expect(settingsOf("apiKey: k")).toMatchObject({ apiKeys: ["k"], settings: { region: "r" } });
    expect(settingsOf("apiKey: k")?.settings).not.toHaveProperty("accessKeyId");
  });

  it("that writes a token is not asked with the environment's key", () => {
    const environment = { ...endpoint, HOSTED_API_KEY: "k" };
    const yaml = "providers: { mine: { kind: hosted, adToken: t } }";
    expect(load({ environment, yaml }).providers[0]).toMatchObject({
      apiKeys: [],
      settings: { adToken: "t" },
    });
  });

  it("may be of a kind that the environment does not know", () => {
    const yaml = 'providers: { mine: { kind: compatible, baseUrl: "http://127.0.0.1:9/v1" } }';
    expect(load({ yaml }).providers).toMatchObject([{ name: "mine", apiKeys: [], models: [] }]);
  });
});

describe("a target", () => {
  it("says which API is asked, and which vectors can be compared", () => {
    const environment = { ...endpoint, HOSTED_API_KEY: "k" };
    const yaml =
      "routes: { r: { targets: [{ provider: hosted, model: m, api: responses, vectorSpace: space }] } }";
    expect(targetsOf({ environment, yaml }, "r")).toMatchObject([
      { model: "m", api: "responses", vectorSpace: "space", priority: 0 },
    ]);
  });
});

describe("what is wrong with a provider stops the start, and no secret is shown", () => {
  const cases: [Given, string][] = [
    [
      { environment: { HOSTED_API_KEY: "s3cret" } },
      "environment: HOSTED_BASE_URL (or HOSTED_ENDPOINT): is missing. HOSTED_API_KEY is set without it.",
    ],
    [
      { environment: { HOSTED_AD_TOKEN: "s3cret" } },
      "environment: HOSTED_BASE_URL (or HOSTED_ENDPOINT): is missing. HOSTED_AD_TOKEN is set without it.",
    ],
    [
      { environment: { HOSTED_API_KEY: "k", HOSTED_ENDPOINT: "ftp://u:s3cret@x" } },
      'environment: HOSTED_ENDPOINT: must be an http or https address without user name, ? and #; found "ftp://…@x".',
    ],
    [
      { environment: { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "https://u:s3c/ret@x:s3cret@x/v1?key=s3cret" } },
      'environment: OPENAI_BASE_URL: must be an http or https address without user name, ? and #; found "https://…@x/v1?…".',
    ],
    [
      { environment: { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "s3cret@host/v1" } },
      'OPENAI_BASE_URL: must be an http or https address without user name, ? and #; found "…@host/v1".',
    ],
    [
      { yaml: "providers: { x: { kind: compatible, baseUrl: 'http://x/v1#s3cret' } }" },
      'sluice.yaml: providers.x.baseUrl: must be an http or https address without user name, ? and #; found "http://x/v1#…".',
    ],
    [
      { environment: { CLOUD_API_KEY: "k", CLOUD_REGION: "a region" } },
      'environment: CLOUD_REGION: must be letters, digits and -; found "a region".',
    ],
    [
      { yaml: "providers: { x: { kind: cloud, apiKey: k, region: x.test/# } }" },
      'sluice.yaml: providers.x.region: must be letters, digits and -; found "x.test/#".',
    ],
    [{ environment: { CLOUD_API_KEY: "s3cret" } }, "environment: CLOUD_REGION: is missing. cloud needs it."],
    [
      { environment: { ...endpoint, HOSTED_API_KEY: "k", HOSTED_DEPLOYMENTS: "s3cret" } },
      "environment: HOSTED_DEPLOYMENTS: must be name=value, with commas between several; number 1 is not.",
    ],
    [
      { environment: { ...endpoint, HOSTED_API_KEY: "k", HOSTED_DEPLOYMENTS: "a=s3cret, b=c, a = d" } },
      "with commas between several; number 3 has the name of one before it.",
    ],
    [
      { yaml: "providers: { x: { kind: openai, apikey: s3cret } }" },
      "sluice.yaml: providers.x.apikey: is no key of the kind openai. There are: kind, apiKey, apiKeys, baseUrl,",
    ],
    [
      { yaml: "providers: { x: { kind: hosted, apiKey: k, region: r } }" },
      "probe, apiVersion, deployments, adToken.",
    ],
    [
      { yaml: "providers: { x: { kind: openai } }" },
      "providers.x.apiKey: is missing. Write it, or set OPENAI_API_KEY.",
    ],
    [
      { yaml: "providers: { x: { kind: cloud, region: r } }" },
      "Write it, or set CLOUD_API_KEY, or write accessKeyId and secretAccessKey in its place.",
    ],
    [
      { yaml: "providers: { x: { kind: cloud, region: r, secretAccessKey: s3cret } }" },
      "providers.x.accessKeyId: is missing. secretAccessKey is nothing without it.",
    ],
    [
      { yaml: "providers: { x: { kind: cloud, region: r, sessionToken: s3cret } }" },
      "providers.x.accessKeyId: is missing. sessionToken is nothing without it.",
    ],
    [
      { yaml: "providers: { x: { kind: hosted, apiKey: s3cret, adToken: s3cret } }" },
      "providers.x.adToken: stands in the place of apiKey. Write one of them.",
    ],
    [
      { yaml: "providers: { x: { kind: cloud, apiKey: k } }" },
      "providers.x.region: is missing. Write it, or set CLOUD_REGION.",
    ],
    [
      { yaml: "providers: { x: { kind: cloud, apiKey: k, region: 7 } }" },
      "providers.x.region: must be a text; put it in quotes.",
    ],
    [
      { yaml: "providers: { x: { kind: hosted, apiKey: k, deployments: [s3cret] } }" },
      "providers.x.deployments: must be a mapping of names to texts.",
    ],
    [
      { yaml: "providers: { x: { kind: hosted, apiKey: k } }" },
      "providers.x.baseUrl: is missing. Write it, or set HOSTED_BASE_URL (or HOSTED_ENDPOINT).",
    ],
    [{ yaml: "providers: { x: { kind: compatible } }" }, "providers.x.baseUrl: is missing. Write it."],
    [
      { yaml: "providers: { x: { kind: hosted, apiKey: k, baseUrl: 'http://h', api: native } }" },
      'providers.x.api: must be chat or responses; found "native".',
    ],
    [
      { yaml: "providers: { x: { kind: openai, apiKey: k, api: chat } }" },
      'providers.x.api: openai has one API only: leave it out; found "chat".',
    ],
    [
      {
        environment: { OPENAI_API_KEY: "k" },
        yaml: "routes: { r: { targets: [{ provider: openai, model: m, api: responses }] } }",
      },
      'routes.r.targets[0].api: openai has one API only: leave it out; found "responses".',
    ],
    [
      { yaml: "providers: { x: { kind: openai, apiKey: 3141592653 } }" },
      "sluice.yaml: providers.x.apiKey: must be a text; found a number without quotes.",
    ],
    [
      { yaml: "providers: { openai: s3cret }" },
      "sluice.yaml: providers.openai: must be a mapping; found a text.",
    ],
    [
      { yaml: "providers:\n  x: { kind: openai, apiKey: s3cret ] }" },
      "sluice.yaml: is not YAML: Flow map in block collection must be sufficiently indented",
    ],
  ];
  it.each(cases)("%j", (given, message) => {
    const told = messageOf(given);
    expect(told).toContain(message);
    expect(told).not.toMatch(/s3cret|31415/);
  });
});
