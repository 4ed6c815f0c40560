// One call by several front ends, and all that comes back.

import { ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { askRpc, type RpcTransports } from "../matrix/ask-rpc.ts";
import type { ServedGateway } from "../served-gateway.ts";
import type { Canary } from "./canary.ts";

export const everyFace = [
  "OpenAI",
  "OpenAI stream",
  "/infer",
  "GraphQL",
  "GraphQL stream",
  "Connect JSON",
  "gRPC",
  "Connect",
  "gRPC-Web",
] as const;

export interface AskedBy {
  readonly by: readonly (typeof everyFace)[number][];
  readonly model: string;
  readonly text: string;
  readonly credential?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallingPorts {
  readonly served: ServedGateway;
  readonly transports: RpcTransports;
  readonly canary: Canary;
}

/** @param label of the outputs; behind it stands the front end */
export async function callBy(ports: CallingPorts, label: string, asked: AskedBy): Promise<void> {
  const { by, model, text } = asked;
  const messages = [{ role: "user", content: text }];
  const input = { model, messages: [{ role: "USER", parts: [{ text }] }] };
  const message = { model, messages: [{ role: "ROLE_USER", parts: [{ text }] }] };
  const posted: Partial<Record<(typeof everyFace)[number], Posted>> = {
    OpenAI: { path: "/v1/chat/completions", body: { model, messages } },
    "OpenAI stream": { path: "/v1/chat/completions", body: { model, messages, stream: true } },
    "/infer": { path: "/infer", body: { model, prompt: text } },
    GraphQL: { path: "/graphql", body: { query: mutation, variables: { input } } },
    "GraphQL stream": {
      path: "/graphql",
      body: { query: subscription, variables: { input } },
      accept: "text/event-stream",
    },
    "Connect JSON": { path: "/sluice.v1.ChatService/Chat", body: message },
  };
  for (const face of by) {
    const request = posted[face];
    if (request === undefined) await callRpc(ports, `${label} by ${face}`, { ...asked, face, message });
    else ports.canary.see(`${label} by ${face}`, await post(ports.served.baseUrl, request, asked));
  }
}

interface Posted {
  readonly path: string;
  readonly body: object;
  readonly accept?: string;
}

async function post(
  baseUrl: string,
  { path, body, accept = "*/*" }: Posted,
  { credential, headers = {} }: AskedBy,
): Promise<string> {
  const sent = new Headers({ "content-type": "application/json", accept, "x-sluice-meta": "1", ...headers });
  if (credential !== undefined) sent.set("authorization", `Bearer ${credential}`);
  const response = await fetch(`${baseUrl}${path}`, {
    method: "POST",
    headers: sent,
    body: JSON.stringify(body),
  });
  return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
}

async function callRpc(
  { transports, canary }: CallingPorts,
  label: string,
  asked: AskedBy & { readonly face: string; readonly message: Parameters<typeof askRpc>[2]["message"] },
): Promise<void> {
  const { face, message, credential, headers = {} } = asked;
  const transport = Object.entries(transports.byName).find(([wire]) => wire === face)?.[1];
  if (transport === undefined) throw new Error(`There is no way to call by ${face}.`);
  for (const method of [ChatService.method.chat, ChatService.method.streamChat]) {
    const { outcome, text } = await askRpc(transport, method, { message, credential, headers });
    canary.see(`${label} ${method.name}`, `${outcome} ${text}`);
  }
}

const mutation =
  "mutation ($input: ChatInput!) { chat(input: $input) { id text meta { attempts losses { detail } } } }";
const subscription = `subscription ($input: ChatInput!) {
  chat(input: $input) { __typename ... on PartDelta { text } ... on Finished { reason } }
}`;
