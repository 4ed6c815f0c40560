// Texts, numbers and names that are meant to break something, in every text input of every administrative operation:
// each is refused with its code, or kept as the text that it is.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperationTypeNode } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostileTexts, megabyte } from "./hostile/hostile-texts.ts";
import { type Place, placesOf, textPlacesOf, withText, withValue } from "./hostile/text-places.ts";
import { askGraphql, everyField, type Variables } from "./matrix/ask-graphql.ts";
import { dumpDatabase } from "./matrix/dump.ts";
import { graphqlRules } from "./matrix/graphql-rules.ts";
import { createMaker, type Maker } from "./matrix/maker.ts";
import type { Answer } from "./matrix/outcome.ts";
import { type Caller, createCallers, seedTenant, type SeededTenant } from "./matrix/tenants.ts";
import { listen } from "../support/listen.ts";
import { platform, serveGateway, type ServedGateway } from "./served-gateway.ts";
import { serveIn } from "./served-process.ts";
import type { RootField } from "../api/graphql/sample-document.ts";

let served: ServedGateway;
let tenant: SeededTenant;
let admin: Caller;
let make: Maker;
beforeAll(async () => {
  served = await serveGateway({ environment: { TRUST_PROXY: "127.0.0.1" } });
  tenant = await seedTenant(served, { id: "hostile", issuer: "https://issuer.example" });
  const callers = await createCallers(served, tenant);
  const found = callers.find(({ name }) => name === "platform_admin");
  if (found === undefined) throw new Error("There is no administrator.");
  admin = found;
  make = createMaker(served, { issuer: "https://issuer.example", callers });
}, 60_000);
afterAll(() => served.close());

/** What administrators ask: calls are read elsewhere. */
const administrative = everyField.filter(({ operation, field }) => {
  const isCall = ["chat", "embed"].includes(field.name);
  return operation !== OperationTypeNode.SUBSCRIPTION && !isCall && field.args.length > 0;
});

let asked = 0;
function ask(root: RootField, variables: Variables): Promise<Answer> {
  asked += 1;
  // A limit of tries is of an address.
  const address = `203.0.${(asked >> 8) % 256}.${asked % 256}`;
  return askGraphql(served.baseUrl, root, { variables, caller: admin, address });
}

const validVariables = async (root: RootField): Promise<Variables> => {
  const rule = graphqlRules[root.name];
  if (rule === undefined) throw new Error(`${root.name} has no rule.`);
  return rule.ask({ caller: admin, own: tenant, at: tenant, make });
};

/** `internal`, `unavailable` and the like are nobody's answer to a text. */
const fitOutcomes: ReadonlySet<string> = new Set([
  "ok",
  "nothing",
  "invalid_request",
  "not_found",
  "conflict",
  "unauthenticated",
  // Who gives a wrong password again and again.
  "rate_limited",
]);

/** What goes in and never comes out, and what only finds. */
const unseen =
  /^(?:filter|after|search|apiKeys?|clientSecret|password|current|next|refreshToken|bcryptHash)$/;

const isSeen = ({ path }: Place): boolean => !path.some((part) => unseen.test(String(part)));

interface Tried {
  readonly wrong: readonly string[];
  /** As `Mutation.createUser input.name`. */
  readonly kept: readonly string[];
}

async function tryTexts(root: RootField, place: Place): Promise<Tried> {
  const wrong: string[] = [];
  const kept: string[] = [];
  let variables = await validVariables(root);
  const where = `${root.name} ${place.path.join(".")}`;
  for (const { name, text, fit } of [...hostileTexts, { name: "a megabyte", text: megabyte, fit: false }]) {
    const { outcome, text: answer } = await ask(root, withText(root, variables, place, text));
    const told = `${where}: ${name}: ${outcome}: ${answer.slice(0, 500)}`;
    if (!fitOutcomes.has(outcome)) wrong.push(told);
    if (answer.length > 200_000) wrong.push(`${where}: ${name}: ${answer.length} characters are answered`);
    if (outcome !== "ok") continue;
    variables = await validVariables(root);
    if (root.operation !== OperationTypeNode.MUTATION || !isSeen(place)) continue;
    if (!answer.includes(JSON.stringify(text).slice(1, -1))) wrong.push(`${told} (it is not kept as it is)`);
    if (!fit) wrong.push(`${told} (it is kept)`);
    kept.push(where);
  }
  return { wrong, kept };
}

describe("a text that is meant to break something", () => {
  const kept = new Set<string>();
  test.each(administrative)("$name refuses it, or keeps it as a text", async (root) => {
    const places = textPlacesOf(root);
    const wrong: string[] = [];
    for (const place of places) {
      const tried = await tryTexts(root, place);
      wrong.push(...tried.wrong);
      for (const where of tried.kept) kept.add(where);
    }
    expect(wrong).toEqual([]);
  });

  test("is in the database as it was written, whose tables are all there", async () => {
    expect([...kept].toSorted()).toEqual(
      expect.arrayContaining([
        "Mutation.createApiKey input.name",
        "Mutation.createTenant input.name",
        "Mutation.createUser input.name",
        "Mutation.setSsoConfig input.clientId",
        "Mutation.updateTenant input.name",
      ]),
    );
    const rows = await dumpDatabase(served);
    expect(
      rows.filter((row) => row.startsWith("tenants ")).some((row) => row.includes("'; drop table users; --")),
    ).toBe(true);
    const users = await served.gateway.administration.users(platform, { tenantId: tenant.id, first: 200 });
    expect(users.entries.length).toBeGreaterThan(4);
    expect(await served.gateway.administration.verifyAudit(platform, tenant.id)).toMatchObject({
      intact: true,
    });
    expect(served.gateway.readiness()).toEqual({ ready: true, problems: [] });
  });
});

describe("an amount that is none", () => {
  const amounts: Readonly<Record<string, readonly unknown[]>> = {
    Nanos: [
      -1,
      "-1",
      "9223372036854775808",
      "-9223372036854775809",
      "1".repeat(400),
      "1e30",
      1e30,
      "1.5",
      0.1,
      "",
      " 5",
      "0x10",
      "NaN",
      true,
    ],
    Int: [-1, 2_147_483_648, -2_147_483_649, 1.5, 1e30, "5", true],
  };
  const places = administrative.flatMap((root) =>
    placesOf(root)
      .filter(
        ({ path, holds }) =>
          holds in amounts && path.some((part) => /^(?:budget|limits)$/.test(String(part))),
      )
      .map((place) => ({ root, place, name: `${root.name} ${place.path.join(".")}` })),
  );

  test("has its places in tenants, users and keys", () => {
    expect(places.length).toBeGreaterThan(25);
  });

  test("is refused in budgets and limits, and nothing changes", async () => {
    const prepared = await Promise.all(
      places.map(async ({ root, place, name }) => ({
        root,
        place,
        name,
        variables: await validVariables(root),
      })),
    );
    const before = await dumpDatabase(served);
    const wrong: string[] = [];
    for (const { root, place, name, variables } of prepared) {
      for (const amount of amounts[place.holds] ?? []) {
        const { outcome, text } = await ask(root, withValue(root, variables, place, amount));
        if (outcome !== "invalid_request")
          wrong.push(`${name} ${String(amount)}: ${outcome}: ${text.slice(0, 300)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(await dumpDatabase(served)).toEqual(before);
  });
});

describe("an email that looks like another", () => {
  const createUser = everyField.find(({ name }) => name === "Mutation.createUser");
  const creating = (email: string) => {
    if (createUser === undefined) throw new Error("There is no createUser.");
    return ask(createUser, { input: { tenantId: tenant.id, email, role: "VIEWER" } });
  };

  test.each([
    ["a Cyrillic letter", (email: string) => email.replace("o", "\u043e")],
    ["the Kelvin sign", (email: string) => email.replace("k", "\u212a")],
    ["a full-width letter", (email: string) => email.replace("w", "\uff57")],
    ["a letter and its accent", (email: string) => email.replace("e", "e\u0301")],
    ["a character without width", (email: string) => email.replace("@", "\u200b@")],
    ["a dot that is none", (email: string) => email.replace(".", "\u3002")],
  ])("by %s is refused", async (_, change) => {
    const email = change(`owner@${tenant.marker}.example`);
    expect(email).not.toBe(`owner@${tenant.marker}.example`);
    const { outcome, text } = await creating(email);
    expect([outcome, text.includes("ASCII")]).toEqual(["invalid_request", true]);
  });

  test("by its case alone is the same, which is taken", async () => {
    const { outcome } = await creating(`OWNER@${tenant.marker.toUpperCase()}.EXAMPLE`);
    expect(outcome).toBe("conflict");
  });
});

describe("a line of the log", () => {
  const forged = '\n{"level":50,"msg":"forged"}\u001b[2J\r\u2028\u009b2J';

  test("stays one line, whatever a caller and an upstream say", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-hostile-"));
    let answered = 0;
    const vendor = createServer((request, response) => {
      request.resume();
      const message = { role: "assistant", content: forged };
      const choices = [{ index: 0, message, finish_reason: "stop" }];
      const usage = { prompt_tokens: 1, completion_tokens: 1 };
      // The first fails, and each after it is answered.
      answered += 1;
      const body =
        answered === 1
          ? { error: { message: forged, code: forged } }
          : { id: forged, model: forged, choices, usage };
      response.writeHead(answered === 1 ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
    const url = `http://127.0.0.1:${await listen(vendor)}`;
    const gateway = await serveIn(folder, { EGRESS_NETWORKS: "127.0.0.0/8", LOG_LEVEL: "debug" });
    const begun = gateway.lines.length;
    const post = (path: string, body: unknown) =>
      fetch(`${gateway.httpUrl}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    const add = {
      query: "mutation ($input: AddProviderInput!) { addProvider(input: $input) { name } }",
      variables: { input: { name: "vendor", kind: "vllm", baseUrl: url, model: "m" } },
    };
    expect(await (await post("/graphql", add)).json()).toEqual({ data: { addProvider: { name: "vendor" } } });
    await post("/graphql", { ...add, variables: { input: { name: forged, kind: forged, model: forged } } });
    for (const model of ["vendor/m", `vendor/${forged}`, `demo/${forged}`, forged]) {
      const messages = [{ role: "user", content: forged }];
      await post("/v1/chat/completions", { model, messages, metadata: { [forged]: forged }, user: forged });
    }
    await post(`/${encodeURIComponent(forged)}`, forged);
    await post("/v1/chat/completions", `{"model": "${forged}`);
    gateway.child.kill("SIGTERM");
    await gateway.ended;
    vendor.close();
    await rm(folder, { recursive: true });
    const said = gateway.lines.slice(begun).filter((line) => line !== "");
    // That it has no price is told.
    expect(said.filter((line) => line.includes("forged")).length).toBeGreaterThan(0);
    for (const line of said) {
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), time: expect.any(Number) });
      expect(JSON.parse(line)).not.toMatchObject({ msg: "forged" });
      expect(line).not.toMatch(/\p{Cc}/u);
    }
    expect(gateway.errors()).toBe("");
  });
});
