// Every operation of every front end, with its rule: named by the schemas themselves, and by what the front ends say
// they serve.

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

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export async function allOperations(
  served: ServedGateway,
  transports: RpcTransports,
): Promise<AllOperations> {
  const { baseUrl, ports } = served;
  let addresses = 0;
  const address = () => `198.51.${(addresses >> 8) % 256}.${addresses++ % 256}`;
  const services = await contractServices();
  const rpcs = services.flatMap(({ methods: all }) =>
    all.map((method) => ({ name: methodName(method), method })),
  );
  const endpoints = ports.endpoints.http.map(({ method, path }) => ({
    name: `${method} ${path}`,
    method,
    path,
  }));
  const isRpc = ({ path }: { readonly path: string }) => path.startsWith("/sluice.");
  const plain = endpoints.filter((endpoint) => !isRpc(endpoint));
  const paths = [...new Set(endpoints.map(({ path }) => path))];

  const graphql = everyField.flatMap((root) => {
    const rule = graphqlRules[root.name];
    if (rule === undefined) return [];
    const posted = operation(root.name, rule, (variables, { caller }) =>
      askGraphql(baseUrl, root, { variables, caller, address: address() }),
    );
    if (root.operation !== "subscription") return [posted];
    return [
      posted,
      operation(`${root.name} by a websocket`, rule, (variables, { caller }) =>
        askByWebsocket(baseUrl, root, { variables, caller }),
      ),
    ];
  });
  const rpc = Object.entries(transports.byName).flatMap(([wire, transport]) =>
    rpcs.flatMap(({ name, method }) => {
      const rule = rpcRules[name];
      if (rule === undefined) return [];
      return operation(`${name} by ${wire}`, rule, (message, { caller: { credential } }) =>
        askRpc(transport, method, { message, credential }),
      );
    }),
  );
  const http = plain.flatMap(({ name, method, path }) => {
    const rule = httpRules[name];
    if (rule === undefined) return [];
    return operation(name, rule, (asked, { caller: { credential } }) =>
      askHttp(baseUrl, { method, path, ...asked }, { credential, address: address() }),
    );
  });
  const others = paths.flatMap((path) =>
    methods
      .filter((method) => !endpoints.some((endpoint) => endpoint.path === path && endpoint.method === method))
      .map((method) =>
        operation<Omit<HttpAsked, "method">>(`${method} ${path}`, refused(path), (asked, { caller }) =>
          askHttp(baseUrl, { method, ...asked }, { credential: caller.credential, address: address() }),
        ),
      ),
  );
  const unmatched = [
    ...differences(everyField, graphqlRules),
    ...differences(rpcs, rpcRules),
    ...differences(plain, httpRules),
    ...differences(
      endpoints.filter(isRpc),
      Object.fromEntries(rpcs.map(({ name }) => [`POST /${name}`, name])),
    ),
  ];
  return { operations: [...graphql, ...rpc, ...http, ...others], unmatched };
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
