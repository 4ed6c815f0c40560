// Every operation of every front end, with its rule: named by the schemas themselves, and by what the front ends say
// they serve.

import type { DescMethod } from "@bufbuild/protobuf";
import { OperationTypeNode } from "graphql";
import type { Answer, Outcome } from "./outcome.ts";
import { askByWebsocket, askGraphql, everyField } from "./ask-graphql.ts";
import { askHttp, type HttpAsked } from "./ask-http.ts";
import { askRpc, contractServices, methodName, type RpcTransports } from "./ask-rpc.ts";
import { graphqlRules } from "./graphql-rules.ts";
import { httpRules } from "./http-rules.ts";
import { rpcRules } from "./rpc-rules.ts";
import { type Cell, expectedOutcome, type Rule } from "./rule.ts";
import type { ServedGateway } from "../served-gateway.ts";

export interface Prepared {
  readonly expected: Outcome;
  /** As it is sent. */
  readonly asked: string;
  readonly send: () => Promise<Answer>;
}

export interface Operation {
  readonly name: string;
  readonly rule: Pick<Rule<never>, "needs" | "elsewhere" | "shows" | "tellsAll">;
  /** Whether it leaves something changed: then it is asked alone. */
  readonly changes: boolean;
  readonly expected: (cell: Cell) => Outcome;
  /** One of them, where nothing is said but how to ask. */
  readonly prepare: (cell: Cell) => Promise<readonly Prepared[]>;
}

const operation = <Asked>(
  name: string,
  rule: Rule<Asked>,
  send: (asked: Asked, cell: Cell) => Promise<Answer>,
): Operation => ({
  name,
  rule,
  changes: /^Mutation\.|^POST \/auth\//.test(name),
  expected: (cell) => expectedOutcome(rule, cell),
  async prepare(cell) {
    const expected = expectedOutcome(rule, cell);
    const isElsewhere = expected === rule.elsewhere && cell.at !== cell.own;
    const ways = [{ outcome: expected, ask: rule.ask }, ...(isElsewhere ? (rule.alsoElsewhere ?? []) : [])];
    return Promise.all(
      ways.map(async ({ outcome, ask }) => {
        const asked = await ask(cell);
        return {
          expected: outcome,
          asked: JSON.stringify(asked),
          async send() {
            const answer = await send(asked, cell);
            if (answer.outcome === "ok") await rule.after?.(cell, asked);
            return answer;
          },
        };
      }),
    );
  },
});

export interface AllOperations {
  readonly operations: readonly Operation[];
  /** What has no rule, and rules of nothing. */
  readonly unmatched: readonly string[];
}

interface Rpc {
  readonly name: string;
  readonly method: DescMethod;
}

interface Served {
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export async function allOperations(
  { baseUrl, ports }: ServedGateway,
  transports: RpcTransports,
): Promise<AllOperations> {
  const services = await contractServices();
  const rpcs = services.flatMap((service) =>
    service.methods.map((method) => ({ name: methodName(method), method })),
  );
  const served = ports.endpoints.http.map(({ method, path }) => ({
    name: `${method} ${path}`,
    method,
    path,
  }));
  const plain = served.filter((endpoint) => !isRpc(endpoint));
  const unmatched = [
    ...differences(everyField, graphqlRules),
    ...differences(rpcs, rpcRules),
    ...differences(plain, httpRules),
    // Connect serves what the contract has.
    ...differences(served.filter(isRpc), Object.fromEntries(rpcs.map(({ name }) => [`POST /${name}`, name]))),
  ];
  const operations = [
    ...graphqlOperations(baseUrl),
    ...rpcOperations(rpcs, transports),
    ...httpOperations(baseUrl, plain),
    ...refusedMethods(baseUrl, served),
  ];
  return { operations, unmatched };
}

const isRpc = ({ path }: Served): boolean => path.startsWith("/sluice.");

/** Each request comes from an address of its own: a limit of tries is of an address. */
let addresses = 0;
const nextAddress = (): string => {
  addresses += 1;
  return `198.51.${(addresses >> 8) % 256}.${addresses % 256}`;
};

const graphqlOperations = (baseUrl: string): readonly Operation[] =>
  everyField.flatMap((root) => {
    const rule = graphqlRules[root.name];
    if (rule === undefined) return [];
    const posted = operation(root.name, rule, (variables, { caller }) =>
      askGraphql(baseUrl, root, { variables, caller, address: nextAddress() }),
    );
    if (root.operation !== OperationTypeNode.SUBSCRIPTION) return [posted];
    return [
      posted,
      operation(`${root.name} by a websocket`, rule, (variables, { caller }) =>
        askByWebsocket(baseUrl, root, { variables, caller }),
      ),
    ];
  });

const rpcOperations = (rpcs: readonly Rpc[], { byName }: RpcTransports): readonly Operation[] =>
  Object.entries(byName).flatMap(([wire, transport]) =>
    rpcs.flatMap(({ name, method }) => {
      const rule = rpcRules[name];
      if (rule === undefined) return [];
      return operation(`${name} by ${wire}`, rule, (message, { caller: { credential } }) =>
        askRpc(transport, method, { message, credential, headers: { "x-forwarded-for": nextAddress() } }),
      );
    }),
  );

const httpOperations = (baseUrl: string, served: readonly Served[]): readonly Operation[] =>
  served.flatMap(({ name, method, path }) => {
    const rule = httpRules[name];
    if (rule === undefined) return [];
    return operation(name, rule, (asked, { caller: { credential } }) =>
      askHttp(baseUrl, { method, path, ...asked }, { credential, address: nextAddress() }),
    );
  });

function refusedMethods(baseUrl: string, served: readonly Served[]): readonly Operation[] {
  const names = new Set(served.map(({ name }) => name));
  const paths = [...new Set(served.map(({ path }) => path))];
  return paths.flatMap((path) =>
    methods
      .map((method) => ({ method, name: `${method} ${path}` }))
      .filter(({ name }) => !names.has(name))
      .map(({ method, name }) =>
        operation(name, refused(path), (asked, { caller: { credential } }) =>
          askHttp(baseUrl, { method, ...asked }, { credential, address: nextAddress() }),
        ),
      ),
  );
}

const refused = (path: string): Rule<Omit<HttpAsked, "method">> => ({
  needs: "nothing",
  says: "wrong_method",
  elsewhere: "wrong_method",
  ask: () => ({ path: path.replace("{id}", "openai/demo-chat") }),
});

function differences(named: readonly { readonly name: string }[], rules: object): readonly string[] {
  const names = new Set(named.map(({ name }) => name));
  return [
    ...[...names].filter((name) => !Object.hasOwn(rules, name)).map((name) => `${name} has no rule`),
    ...Object.keys(rules)
      .filter((name) => !names.has(name))
      .map((name) => `the rule ${name} is of no operation`),
  ];
}
