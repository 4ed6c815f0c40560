// How much one operation may ask for: at each limit it is answered, one beyond it is refused before anything
// is resolved. What is bounded is counted, never timed.

import {
  getIntrospectionQuery,
  getNamedType,
  isInputObjectType,
  parse,
  GraphQLError,
  OperationTypeNode,
} from "graphql";
import { createClient } from "graphql-ws";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { shapeLimits } from "../../../src/api/graphql/limits/document-shape.ts";
import { countedItems } from "../../../src/api/graphql/limits/counted-items.ts";
import { fieldCosts, maxCost } from "../../../src/api/graphql/limits/field-costs.ts";
import { createOperationLimits } from "../../../src/api/graphql/limits/operation-limits.ts";
import { schema } from "../../../src/api/graphql/schema.ts";
import type { Records, RequestRecord } from "../../../src/core/usage/records.ts";
import { noRecords } from "../../support/no-records.ts";
import {
  createScriptedProvider,
  type ScriptedProvider,
  textScript,
} from "../../support/scripted-provider.ts";
import { helloInput, readResults, type ServedGraphql, serveGraphql } from "./serve-graphql.ts";

const record = (id: string): RequestRecord => ({
  id,
  createdAtMs: 0,
  tenantId: "default",
  apiKeyId: undefined,
  userId: undefined,
  environment: "live",
  runId: id,
  correlationId: undefined,
  traceId: undefined,
  idempotencyKey: undefined,
  operation: "chat",
  delivery: "unary",
  loggingPolicy: "full",
  modelAsked: undefined,
  useCase: undefined,
  labels: undefined,
  messageCount: 1,
  inputChars: 1,
  status: "open",
  attemptRecords: [],
});

/** Full pages, and how often they and bodies were read. */
function countedRecords() {
  const reads = { pages: 0, bodies: 0 };
  const records: Records = {
    ...noRecords,
    requests(_, { first }) {
      reads.pages += 1;
      return Promise.resolve({
        records: Array.from({ length: first }, (_each, at) => record(`r-${at}`)),
        hasMore: true,
      });
    },
    bodies() {
      reads.bodies += 1;
      return Promise.resolve({ request: "{}", requestCut: false, reply: "{}", replyCut: false });
    },
  };
  return { records, reads };
}

let served: ServedGraphql;
let provider: ScriptedProvider;
let reads: { pages: number; bodies: number };

beforeEach(async () => {
  const counted = countedRecords();
  reads = counted.reads;
  provider = createScriptedProvider(textScript("Hi"));
  served = await serveGraphql({ providers: { a: provider }, records: counted.records });
});
afterEach(() => served.close());

async function answered(query: string, variables?: object): Promise<void> {
  const { response, result } = await served.post({ query, variables });
  expect(result.errors).toBeUndefined();
  expect(response.status).toBe(200);
}

async function refused(query: string, words: RegExp, variables?: object): Promise<void> {
  const { response, result } = await served.post({ query, variables });
  expect(response.status).toBe(400);
  expect(result.errors).toHaveLength(1);
  expect(result.errors?.[0]?.extensions).toMatchObject({ code: "invalid_request", http: { status: 400 } });
  expect(result.errors?.[0]?.message).toMatch(words);
  expect(result).not.toHaveProperty("data");
  expect(reads).toEqual({ pages: 0, bodies: 0 });
  expect(provider.calls).toHaveLength(0);
}

const times = (count: number, of: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => of(at)).join(" ");

// `routes`, its fields, the spread and the fragment's fields.
const ofSelections = (count: number) =>
  `{ routes { ${"name ".repeat(count - 103)} ...f } } fragment f on Route { ${"name ".repeat(101)} }`;

// Types are no list: graphql's own rule on nested lists has nothing to say.
const nestedTypes = (levels: number) => `${"ofType { ".repeat(levels)} name ${"} ".repeat(levels)}`;

const inOneOperation = (levels: number) => `{ __type(name: "Query") { ${nestedTypes(levels - 2)} } }`;

const byFragments = (levels: number) =>
  `{ __type(name: "Query") { ofType { ...a } } } fragment a on __Type { ofType { ... { ...b } } }
   fragment b on __Type { ${nestedTypes(levels - 4)} }`;

const withDirectives = (count: number) => `{ ${"routes { name @skip(if: false) } ".repeat(count)} }`;

const pagesOfTwenty = (count: number) =>
  `{ ${times(count, (at) => `p${at}: requests { nodes { body { cut } } }`)} }`;

const fivePages = (args: string, head = "($n: Int)") =>
  `query ${head} { ${times(5, (at) => `p${at}: requests(first: ${args}) { nodes { body { text } } }`)} }`;

const chats = (count: number) =>
  `mutation ($input: ChatInput!) { ${times(count, (at) => `c${at}: chat(input: $input) { text }`)} }`;

const operationOf = (document: ReturnType<typeof parse>) => {
  const [operation] = document.definitions;
  if (operation?.kind !== "OperationDefinition") throw new GraphQLError("No operation.");
  return operation;
};

describe("the shape of a document", () => {
  test("has so many fields and fragments, whether an operation uses them or not", async () => {
    const { selections } = shapeLimits;
    await answered(ofSelections(selections));
    await refused(ofSelections(selections + 1), /has more than 500 fields and fragments.*several operations/);
    await refused(`{ routes { name } } query b { ${"routes { name } ".repeat(250)} }`, /500 fields/);
  });

  test("is so many levels deep, those of fragments included", async () => {
    await answered(inOneOperation(shapeLimits.levels));
    await refused(
      inOneOperation(shapeLimits.levels + 1),
      /nests fields more than 16 levels deep.*Ask for fewer/,
    );
    await answered(byFragments(shapeLimits.levels));
    await refused(byFragments(shapeLimits.levels + 1), /16 levels/);
  });

  test("has so many aliases in an operation, a fragment's as often as it is spread", async () => {
    const { aliases } = shapeLimits;
    await answered(`{ ${times(aliases, (at) => `a${at}: routes { name }`)} }`);
    await refused(
      `{ ${times(aliases + 1, (at) => `a${at}: routes { name }`)} }`,
      /has more than 30 aliases.*several operations/,
    );
    const spread = (inFragment: number) =>
      `{ one: routes { ...f } two: routes { ...f } }
       fragment f on Route { ${times(inFragment, (at) => `n${at}: name`)} }`;
    await answered(spread((aliases - 2) / 2));
    await refused(spread((aliases - 2) / 2 + 1), /30 aliases/);
  });

  test("has so many directives in one place and in all", async () => {
    const { directives, directivesInOnePlace } = shapeLimits;
    await answered(withDirectives(directives));
    await refused(withDirectives(directives + 1), /has more than 50 directives\./);
    const inOnePlace = `{ routes { name ${"@skip(if: false) ".repeat(directivesInOnePlace + 1)} } }`;
    await refused(inOnePlace, /has more than 5 directives in one place/);
    await refused(`query ${"@x ".repeat(3_000)} { routes { name } }`, /5 directives/);
    await refused(`query ($n: Int ${"@x ".repeat(6)}) { requests(first: $n) { hasMore } }`, /5 directives/);
  });

  test.each(["@defer", "@stream"])("has no %s, which this schema does not offer", async (directive) => {
    await refused(`{ requests { nodes { id ... ${directive} { body { text } } } } }`, /Unknown directive/);
  });
});

describe("fragments that grow", () => {
  test("by spreading each other twice are refused for their aliases", async () => {
    const bomb = times(
      100,
      (at) => `fragment f${at} on __Type { a: ofType { ...f${at + 1} } b: ofType { ...f${at + 1} } }`,
    );
    await refused(
      `{ __type(name: "Query") { ...f0 } } ${bomb} fragment f100 on __Type { name }`,
      /levels deep|aliases/,
    );
    const shallow = times(
      12,
      (at) => `fragment f${at} on __Type { a: ofType { ...f${at + 1} } b: ofType { ...f${at + 1} } }`,
    );
    await refused(
      `{ __type(name: "Query") { ...f0 } } ${shallow} fragment f12 on __Type { name }`,
      /30 aliases/,
    );
  });

  test("without aliases or levels are read once", async () => {
    const chain = times(200, (at) => `fragment f${at} on Route { ...f${at + 1} ...f${at + 1} }`);
    const getField = vi.spyOn(schema, "getField");
    await answered(`{ routes { ...f0 } } ${chain} fragment f200 on Route { name }`);
    const read = getField.mock.calls.length;
    getField.mockRestore();
    expect(read).toBeLessThan(20);
  });

  test("within themselves are refused in GraphQL's words", async () => {
    await refused(
      `{ routes { ...a } } fragment a on Route { ...b } fragment b on Route { ...a }`,
      /Cannot spread fragment "a" within itself/,
    );
    await refused(
      `{ routes { ...a } } fragment a on Route { targets { ...b } } fragment b on Target { x: provider ...b }`,
      /within itself/,
    );
  });
});

describe("the cost of an operation", () => {
  test("lets a full page with its bodies pass, and not sixteen", async () => {
    await answered("{ requests(first: 200) { nodes { body { text } reply { text } } } }");
    expect(reads).toEqual({ pages: 1, bodies: 200 });
    Object.assign(reads, { pages: 0, bodies: 0 });
    const sixteen = times(16, (at) => `p${at}: requests(first: 200) { nodes { body { text } } }`);
    await refused(`{ ${sixteen} }`, /costs more than 100000.*`first`.*several operations/);
  });

  test("counts what `first` is when it is left out", async () => {
    await answered(pagesOfTwenty(28));
    expect(reads).toEqual({ pages: 28, bodies: 28 * 20 });
    Object.assign(reads, { pages: 0, bodies: 0 });
    await refused(pagesOfTwenty(29), /costs more/);
  });

  test("counts `first` as the variable that it is, its default, null or absence", async () => {
    await refused(fivePages("$n"), /costs more/, { n: 200 });
    await refused(fivePages("$n", "($n: Int = 200)"), /costs more/);
    await refused(fivePages("$n", "($n: Int = 1)"), /costs more/, { n: 200 });
    await answered(fivePages("$n"), { n: 20 });
    await answered(fivePages("$n", "($n: Int = 200)"), { n: 20 });
    await answered(fivePages("$n", "($n: Int = 200)"), { n: null });
    await answered(fivePages("$n"));
    await answered(fivePages("$n"), {});
    expect(reads.pages).toBe(25);
    Object.assign(reads, { pages: 0, bodies: 0 });
    await refused(fivePages("$n"), /costs more/, { n: 200 });
  });

  test.each<[string, string, string, Readonly<Record<string, unknown>> | undefined, number]>([
    ["a literal", "", "{ keys: [{}, {}, {}] }", undefined, 3],
    ["a literal that is no list", "", "{ keys: {} }", undefined, 1],
    ["variables in a literal", "($k: ImportedApiKeyInput!)", "{ keys: [$k, $k] }", { k: {} }, 2],
    ["a variable", "($in: ImportApiKeysInput!)", "$in", { in: { keys: [{}, {}, {}, {}] } }, 4],
    ["a variable in which it is no list", "($in: ImportApiKeysInput!)", "$in", { in: { keys: {} } }, 1],
    ["a variable that is the list", "($k: [ImportedApiKeyInput!]!)", "{ keys: $k }", { k: [{}, {}] }, 2],
    ["a variable's default", "($in: ImportApiKeysInput! = { keys: [{}, {}, {}] })", "$in", {}, 3],
    ["a variable without it", "($in: ImportApiKeysInput!)", "$in", { in: {} }, 1],
    ["a variable that is no object", "($in: ImportApiKeysInput!)", "$in", { in: "keys" }, 1],
    ["a variable that is not known yet", "($in: ImportApiKeysInput!)", "$in", undefined, 100],
  ])("counts the keys of an import: %s", (_, head, input, variables, count) => {
    const document = parse(`mutation ${head} { importApiKeys(input: ${input}) { __typename } }`);
    const operation = operationOf(document);
    const [field] = operation.selectionSet.selections;
    const value = field?.kind === "Field" ? field.arguments?.[0]?.value : undefined;
    const by = fieldCosts["Mutation.importApiKeys"]?.itemsBy;
    expect(by && countedItems(value, by, { operation, variables })).toBe(count);
  });

  test("lets an import tell of as many keys as it makes", () => {
    const document = parse(
      `mutation ($in: ImportApiKeysInput!) { importApiKeys(input: $in) { ... on ImportedApiKeys { apiKeys {
        id currentSpend budgetRemaining budgetResetsAt
        tenant { id currentSpend budgetRemaining budgetResetsAt }
        user { id currentSpend budgetRemaining budgetResetsAt tenant { currentSpend budgetRemaining } } } } } }`,
    );
    const operation = operationOf(document);
    const ofKeys = (count: number) => () =>
      createOperationLimits(schema).checkCost(document, operation, {
        in: { keys: Array.from({ length: count }, () => ({})) },
      });
    expect(ofKeys(50)).not.toThrow();
    expect(ofKeys(100)).toThrow(/costs more/);
  });

  test("leaves it to the resolver to say what `first` may be", async () => {
    const { result } = await served.post({
      query: "{ requests(first: 1000000000) { nodes { body { cut } } } }",
    });
    expect(result.errors?.[0]?.message).toMatch(/first: must be 1 to 200/);
  });

  test("counts a field that is written many times once, as it is resolved once", async () => {
    const page = "requests(first: 200) { nodes { body { text } } }";
    const fragments = times(8, (at) => `fragment f${at} on Query { ${page} }`);
    await answered(`{ ${times(8, (at) => `...f${at}`)} ${page} } ${fragments}`);
    expect(reads).toEqual({ pages: 1, bodies: 200 });
  });

  test("counts what a directive may leave out", async () => {
    const sixteen = times(
      16,
      (at) => `p${at}: requests(first: 200) @include(if: $yes) { nodes { body @skip(if: $yes) { text } } }`,
    );
    await refused(`query ($yes: Boolean!) { ${sixteen} }`, /costs more/, { yes: false });
  });

  test.each(["models { id provider model }"])("lets four of `%s` pass", async (field) => {
    await answered(`{ ${times(4, (at) => `f${at}: ${field}`)} }`);
    await refused(`{ ${times(5, (at) => `f${at}: ${field}`)} }`, /at most four/);
  });

  test("lets four calls pass in one mutation", async () => {
    await refused(chats(5), /at most four/, { input: helloInput });
    await answered(chats(4), { input: helloInput });
    expect(provider.calls).toHaveLength(4);
  });

  test("is that of the operation that is named", async () => {
    const query = `query small { routes { name } } query large { ${times(5, (at) => `m${at}: models { id }`)} }`;
    const small = await served.post({ query, operationName: "small" });
    expect(small.result.errors).toBeUndefined();
    const large = await served.post({ query, operationName: "large" });
    expect(large.result.errors?.[0]?.extensions.code).toBe("invalid_request");
  });

  test("three hundred pages of bodies are refused before one is read", async () => {
    const pages = (fields: string) => `{ ${times(300, (at) => `p${at}: requests { ${fields} }`)} }`;
    await refused(pages("nodes { body { text } }"), /more than 500 fields/);
    await refused(`{ requests { nodes { ${times(300, (at) => `p${at}: body { cut }`)} } } }`, /500 fields/);
    await refused(`{ requests { nodes { ${times(200, (at) => `p${at}: body { cut }`)} } } }`, /30 aliases/);
  });
});

describe("introspection", () => {
  const everything = {
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  };

  test("as clients ask it passes with all that it can ask", async () => {
    const { result } = await served.post({ query: getIntrospectionQuery(everything) });
    expect(result.errors).toBeUndefined();
    expect(result.data).toMatchObject({ __schema: { queryType: { name: "Query" } } });
  });

  test("that goes round in circles is refused", async () => {
    const circle = `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`;
    await refused(circle, /introspection depth/);
    const types = `types { name fields { name description args { type { name } } type { ofType { ofType { name } } } } }`;
    const many = (count: number) => `{ ${times(count, (at) => `s${at}: __schema { ${types} }`)} }`;
    await answered(many(15));
    await refused(many(30), /costs more/);
  });
});

describe("every transport", () => {
  const query = `{ ${times(5, (at) => `m${at}: models { id }`)} }`;

  test("an event stream tells the refusal with its status", async () => {
    const response = await served.subscribe({ query });
    expect(response.status).toBe(400);
    const [first] = await readResults(response);
    expect(first?.errors?.[0]?.extensions.code).toBe("invalid_request");
  });

  test("a websocket tells it as `error` and goes on", async () => {
    const client = createClient({ url: served.websocketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
    await expect(client.iterate({ query }).next()).rejects.toMatchObject([
      { message: expect.stringContaining("costs more"), extensions: { code: "invalid_request" } },
    ]);
    const next = await client.iterate({ query: "{ routes { name } }" }).next();
    expect(next).toMatchObject({ done: false, value: { data: { routes: [{}, {}] } } });
    await client.dispose();
  });
});

describe("the prices", () => {
  test("name fields that the schema has, and arguments that the fields have", () => {
    for (const [name, { itemsBy }] of Object.entries(fieldCosts)) {
      const [typeName = "", fieldName = ""] = name.split(".");
      const type = schema.getType(typeName);
      const fields = type !== undefined && "getFields" in type ? type.getFields() : {};
      expect(Object.keys(fields), name).toContain(fieldName);
      const field = fields[fieldName];
      if (itemsBy === undefined || field === undefined || !("args" in field)) continue;
      const argument = field.args.find((each) => each.name === itemsBy.argument);
      expect(argument, name).toBeDefined();
      if (itemsBy.list === undefined) continue;
      const input = argument === undefined ? undefined : getNamedType(argument.type);
      expect(isInputObjectType(input) && Object.keys(input.getFields()), name).toContain(itemsBy.list);
    }
  });

  test("name every field by which calls begin or records are read", () => {
    for (const operation of [OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION]) {
      const type = schema.getRootType(operation);
      for (const field of Object.keys(type?.getFields() ?? {})) {
        expect(fieldCosts[`${type?.name ?? ""}.${field}`]?.weight).toBe(maxCost / 5);
      }
    }
  });
});

describe("a document that comes again", () => {
  test.each([
    ["is not read again", "query ($n: Int) { requests(first: $n) { nodes { id } } }", 0],
    [
      "is read again where its variables decide",
      `query ($n: Int) { ${times(5, (at) => `p${at}: requests(first: $n) { nodes { body { cut } } }`)} }`,
      1,
    ],
  ])("%s", (_, query, more) => {
    const limits = createOperationLimits(schema);
    const document = parse(query);
    const operation = operationOf(document);
    limits.checkDocument(document);
    limits.checkCost(document, operation, { n: 1 });
    const getField = vi.spyOn(schema, "getField");
    limits.checkDocument(document);
    limits.checkCost(document, operation, { n: 1 });
    const read = getField.mock.calls.length;
    getField.mockRestore();
    expect(Math.min(read, 1)).toBe(more);
  });
});
