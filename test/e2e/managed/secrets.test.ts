// A provider's key goes in and never comes out, whatever becomes of the gateway's own secret.

import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemoUpstream, type DemoUpstream } from "../../../src/demo/demo-upstream.ts";
import type { RunningGateway } from "../../../src/gateway.ts";
import { listen } from "../../support/listen.ts";
import {
  createManagedFixture,
  databases,
  keyless,
  type ManagedFixture,
  targetsOf,
} from "./managed-fixture.ts";

const apiKey = "sk-live-0123456789abcdef";
const awsKey = "aws-secret-fedcba9876543210";
const [first, second] = [
  "the first secret, long enough to be one",
  "the second secret, long enough to be one",
];
const ask = (gateway: RunningGateway, model?: string) =>
  gateway.chat({ model, messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] });

describe.each(databases)("on %s", (database) => {
  let fixture: ManagedFixture;
  let upstream: DemoUpstream;
  beforeEach(async () => {
    fixture = await createManagedFixture(database);
    upstream = await createDemoUpstream({ apiKey });
  });
  afterEach(async () => {
    await fixture.close();
    await upstream.close();
  });

  const mine = (over: object = {}) => ({
    name: "mine",
    kind: "openai",
    apiKey,
    baseUrl: `${upstream.url}/v1`,
    model: "demo-chat",
    ...over,
  });
  const withSecret = (secret: string, previous?: string) =>
    fixture.start({
      environment: {
        SLUICE_SECRET: secret,
        ...(previous === undefined ? {} : { SLUICE_SECRET_PREVIOUS: previous }),
      },
    });
  const keyIds = async () =>
    (await fixture.rows("select secret_key_id from provider_configs order by name")).map((row) =>
      Object.values(Object(row)).join(),
    );

  it("is in no view, no error, no log, no record and no byte of the database", async () => {
    const gateway = await fixture.start();
    const { settings } = gateway;
    const told: unknown[] = [];
    const settle = (work: Promise<unknown>) =>
      work.then(
        (value) => told.push(value),
        (error: unknown) => told.push(String(error), { ...Object(error) }),
      );
    await settle(settings.addProvider(keyless, mine()));
    await settle(
      settings.addProvider(keyless, mine({ name: "several", apiKey: null, apiKeys: [apiKey, "k-2"] })),
    );
    const credential = { region: "eu-west-1", accessKeyId: "AKIA-visible", secretAccessKey: awsKey };
    await settle(
      settings.addProvider(keyless, { name: "aws", kind: "bedrock", model: "m", settings: credential }),
    );
    await settle(settings.addProvider(keyless, mine({ name: "bad", api: "none" })));
    await settle(settings.addProvider(keyless, mine({ name: "bad", apiKeys: [apiKey] })));
    await settle(
      settings.addProvider(keyless, { name: "bad", kind: "bedrock", apiKey, settings: credential }),
    );
    await settle(settings.updateProvider(keyless, { name: "mine", priority: 1 }, { validate: true }));
    const echo = createServer(({ headers }, response) => {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `No such key: ${headers.authorization}` } }));
    });
    const baseUrl = `http://127.0.0.1:${await listen(echo)}/v1`;
    await settle(settings.addProvider(keyless, mine({ name: "bad", baseUrl }), { validate: true }));
    echo.close();
    expect(told.at(-2)).toMatch(/No such key: \[redacted\]/);
    const reply = await ask(gateway, "mine/demo-chat");
    told.push(settings.providers(keyless), await settings.models(keyless), gateway.readiness());
    told.push(await gateway.records.request(keyless, reply.id), gateway.measurements(), gateway.metrics());
    await gateway.database.flush();

    expect(told.length).toBeGreaterThan(12);
    const json = JSON.stringify(told, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
    for (const text of [json, fixture.logged.join(), await fixture.bytes()]) {
      expect(text).not.toContain(apiKey);
      expect(text).not.toContain(awsKey);
    }
    // What is looked at is what there is.
    expect(await fixture.bytes()).toContain("demo-chat");
    expect(upstream.received.at(-1)?.headers["authorization"]).toBe(`Bearer ${apiKey}`);
  });

  it("is opened with the previous secret after a change, and sealed with the new one by the next update", async () => {
    const before = await withSecret(first);
    await before.settings.addProvider(keyless, mine());
    await before.close();
    const [oldId] = await keyIds();

    const during = await withSecret(second, first);
    expect((await ask(during)).meta.provider).toBe("mine");
    expect(await keyIds()).toEqual([oldId]);
    await during.settings.updateProvider(keyless, { name: "mine" });
    const [newId] = await keyIds();
    expect(newId).toMatch(/^[0-9a-f]{16}$/);
    expect(newId).not.toBe(oldId);
    await during.close();

    const after = await withSecret(second);
    expect((await ask(after)).meta.provider).toBe("mine");
    expect(after.readiness().problems).toEqual([]);
  });

  it("is sealed with the new secret for all providers at once, and the old one can go", async () => {
    const before = await withSecret(first);
    await before.settings.addProvider(keyless, mine());
    await before.settings.addProvider(keyless, mine({ name: "other" }));
    await before.settings.addProvider(keyless, {
      name: "open",
      kind: "vllm",
      baseUrl: upstream.url,
      model: "m",
    });
    await before.settings.drainProvider(keyless, { name: "other", draining: true });
    await before.close();

    const during = await withSecret(second, first);
    expect(await during.settings.resealSecrets(keyless)).toEqual({ resealed: 2, problems: [] });
    expect(await during.settings.resealSecrets(keyless)).toEqual({ resealed: 0, problems: [] });
    await during.close();

    const after = await withSecret(second);
    expect((await ask(after, "mine/demo-chat")).meta.provider).toBe("mine");
    const drained = after.settings.providers(keyless).find(({ name }) => name === "other");
    expect(drained?.draining).toBe(true);
  });

  it("that does not open is left as it is when others are sealed anew", async () => {
    const before = await withSecret(first);
    await before.settings.addProvider(keyless, mine());
    await before.close();
    const gateway = await withSecret(second);
    const [oldId] = await keyIds();
    await gateway.settings.addProvider(keyless, mine({ name: "new" }));
    const { resealed, problems } = await gateway.settings.resealSecrets(keyless);
    expect([resealed, problems]).toEqual([0, [expect.stringMatching(/^mine: .*SLUICE_SECRET_PREVIOUS/)]]);
    expect((await keyIds())[0]).toBe(oldId);
  });

  it("that cannot be opened leaves its provider out, says what to set, and the rest works", async () => {
    const before = await withSecret(first);
    await before.settings.addProvider(keyless, mine({ name: "lost" }));
    await before.settings.addProvider(keyless, {
      name: "open",
      kind: "vllm",
      baseUrl: upstream.url,
      model: "m",
    });
    const targets = [
      { provider: "lost", model: "demo-chat" },
      { provider: "open", model: "m" },
    ];
    await before.settings.addRoute(keyless, { name: "both", targets });
    await before.settings.addRoute(keyless, { name: "alone", targets: targets.slice(0, 1) });
    await before.close();

    const after = await withSecret(second);
    expect(after.readiness()).toEqual({
      ready: true,
      problems: [
        expect.stringMatching(
          /^The managed provider lost is left out: .*another SLUICE_SECRET \(key [0-9a-f]{16}\)\. Set SLUICE_SECRET_PREVIOUS/,
        ),
        "The route both is without its targets at lost.",
        "The route alone is without its targets at lost.",
      ],
    });
    expect([targetsOf(after), targetsOf(after, "both"), targetsOf(after, "alone")]).toEqual([
      ["open/m"],
      ["open/m"],
      [],
    ]);
    await expect(ask(after, "alone")).rejects.toMatchObject({ code: "unavailable" });
    // It still has its name, and comes back with its key.
    await expect(after.settings.addProvider(keyless, mine({ name: "lost" }))).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(after.settings.updateProvider(keyless, { name: "lost", priority: 1 })).rejects.toMatchObject(
      {
        field: "apiKey",
      },
    );
    await after.settings.updateProvider(keyless, { name: "lost", apiKey });
    expect(after.readiness()).toEqual({ ready: true, problems: [] });
    expect(targetsOf(after, "alone")).toEqual(["lost/demo-chat"]);
    expect((await ask(after, "alone")).meta.provider).toBe("lost");
  });

  it("does not serve another provider than the one that it was given for", async () => {
    const before = await withSecret(first);
    await before.settings.addProvider(keyless, mine());
    await before.settings.addProvider(
      keyless,
      mine({ name: "thief", apiKey: "x", baseUrl: "http://127.0.0.1:9" }),
    );
    await before.close();
    const move = `update provider_configs set (secret_ciphertext, secret_nonce, secret_key_id) =
      (select secret_ciphertext, secret_nonce, secret_key_id from provider_configs where name = 'mine')
      where name = 'thief'`;
    await fixture.change(move);

    const after = await withSecret(first);
    expect(after.readiness().problems).toEqual([
      expect.stringMatching(/^The managed provider thief is left out: .*moved there from elsewhere/),
    ]);
    expect(targetsOf(after)).toEqual(["mine/demo-chat"]);
  });

  it("is not sent to another server by who does not know it", async () => {
    const { settings } = await withSecret(first);
    await settings.addProvider(keyless, mine());
    const elsewhere = { name: "mine", baseUrl: "http://127.0.0.1:9/v1" };
    const refused = {
      code: "invalid_request",
      field: "baseUrl",
      message: expect.stringContaining("give the apiKey"),
    };
    await expect(settings.updateProvider(keyless, elsewhere)).rejects.toMatchObject(refused);
    await expect(settings.updateProvider(keyless, elsewhere, { validate: true })).rejects.toMatchObject(
      refused,
    );
    expect(settings.providers(keyless)[0]?.baseUrl).toBe(`${upstream.url}/v1`);
    await settings.updateProvider(keyless, { name: "mine", baseUrl: `${upstream.url}/v1/` });
    await settings.updateProvider(keyless, { ...elsewhere, apiKey: "another" });
    expect(settings.providers(keyless)[0]?.baseUrl).toBe("http://127.0.0.1:9/v1");
  });

  it.each([
    ["openai", { apiKey }, { apiKeys: null }],
    ["openai", { apiKeys: [apiKey, "k-2"] }, { apiKey: null }],
    ["bedrock", { apiKey, settings: { region: "eu-west-1" } }, { settings: { sessionToken: null } }],
    [
      "bedrock",
      { settings: { region: "eu-west-1", accessKeyId: "AKIA", secretAccessKey: awsKey } },
      { settings: { accessKeyId: "AKIB" } },
    ],
  ])("is not sent to another server because another member is given: %s", async (kind, made, change) => {
    const { settings } = await withSecret(first);
    const { baseUrl } = await settings.addProvider(keyless, { name: "mine", kind, model: "m", ...made });
    await expect(
      settings.updateProvider(keyless, { name: "mine", baseUrl: "http://127.0.0.1:9/v1", ...change }),
    ).rejects.toMatchObject({ code: "invalid_request", field: "baseUrl" });
    expect(settings.providers(keyless)[0]?.baseUrl).toBe(baseUrl);
  });

  it("is given again where what is stored no longer tells the server that it was for", async () => {
    const { settings } = await withSecret(first);
    await settings.addProvider(keyless, mine());
    await fixture.change('update provider_configs set config = \'{"kind":"openai","priority":"x"}\'');
    await fixture.change("update config_version set version = version + 1");
    const mended = { name: "mine", priority: 1, baseUrl: `${upstream.url}/v1` };
    await expect(settings.updateProvider(keyless, mended)).rejects.toMatchObject({
      code: "invalid_request",
      field: "baseUrl",
    });
    expect(await settings.updateProvider(keyless, { ...mended, apiKey })).toMatchObject({ priority: 1 });
  });

  it("is not lost by who cannot open it and changes something else", async () => {
    const before = await withSecret(first);
    const local = { name: "local", kind: "vllm", baseUrl: upstream.url, model: "demo-chat" };
    await before.settings.addProvider(keyless, { ...local, apiKey });
    await before.close();
    const other = await withSecret(second);
    const sealed = await keyIds();
    await expect(
      other.settings.updateProvider(keyless, { name: "local", priority: 1 }),
    ).rejects.toMatchObject({
      code: "invalid_request",
      field: "apiKey",
      message: expect.stringMatching(/^apiKey: Its secret was encrypted with another SLUICE_SECRET/),
    });
    expect(await keyIds()).toEqual(sealed);
    await other.settings.drainProvider(keyless, { name: "local", draining: true }).catch(() => undefined);
    await other.close();
    const after = await withSecret(first);
    await after.settings.drainProvider(keyless, { name: "local", draining: false });
    expect((await ask(after)).meta.provider).toBe("local");
    await after.close();
    const without = await withSecret(second);
    await without.settings.updateProvider(keyless, { name: "local", apiKey: null });
    expect(without.readiness().problems).toEqual([]);
  });

  it("of the environment is not taken for a managed provider", async () => {
    const { settings } = await fixture.start({
      environment: { XAI_API_KEY: "declared", GROQ_API_KEY: "declared" },
    });
    const elsewhere = { name: "copy", kind: "groq", baseUrl: "http://127.0.0.1:9" };
    await expect(settings.addProvider(keyless, elsewhere)).rejects.toMatchObject({
      field: "apiKey",
      message: "apiKey: is missing. Write it.",
    });
  });

  it("needs no secret of the gateway's until something is changed, which the trail is chained with", async () => {
    const gateway = await fixture.start();
    await gateway
      .chat({ messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }] })
      .catch(() => {});
    expect(fixture.hasSecretFile()).toBe(false);
    await gateway.settings.addProvider(keyless, mine());
    expect(fixture.hasSecretFile()).toBe(true);
  });
});
