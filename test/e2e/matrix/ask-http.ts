// Asks by plain HTTP.

import { z } from "zod";
import { isCode } from "./ask-graphql.ts";
import type { Answer, Outcome } from "./outcome.ts";

export interface HttpAsked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const errorSchema = z.union([
  z.object({ error: z.object({ code: z.string() }) }).transform(({ error }) => error.code),
  z
    .object({ errors: z.tuple([z.object({ extensions: z.object({ code: z.string() }) })]) })
    .transform(({ errors }) => errors[0].extensions.code),
  // Connect's own.
  z.object({ code: z.string() }).transform(({ code }) => code),
]);

export async function askHttp(
  baseUrl: string,
  { method, path, headers = {}, body }: HttpAsked,
  { credential, address }: { readonly credential: string | undefined; readonly address: string },
): Promise<Answer> {
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
      "x-forwarded-for": address,
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const shown = `${response.status} ${JSON.stringify([...response.headers])}\n${text}`;
  return { outcome: outcomeOf(response.status, text, method), text: shown };
}

/** They have no words. */
const refusedHeads: Readonly<Record<number, Outcome>> = {
  401: "unauthenticated",
  403: "permission_denied",
  503: "unavailable",
};

function outcomeOf(status: number, text: string, method: string): Outcome {
  if (status < 400) return text === "" && method !== "HEAD" && status === 200 ? "nothing" : "ok";
  if (status === 405) return "wrong_method";
  if (method === "HEAD") return refusedHeads[status] ?? "internal";
  const code = errorSchema.safeParse(parsed(text)).data ?? "";
  return isCode(code) ? code : "internal";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
