// An issuer that says whatever it is told to, over real HTTP: for what no honest one does.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createIssuerKey, type IssuerKey } from "./jwks-server.ts";
import { listen } from "./listen.ts";

export interface MadeUpIssuer {
  readonly url: string;
  readonly key: IssuerKey;
  /** Changes of what it says of itself. */
  description: Readonly<Record<string, unknown>>;
  /** Of the ID token's claims, and how it is signed. */
  claims: Readonly<Record<string, unknown>>;
  sign: (claims: Readonly<Record<string, unknown>>) => string | Promise<string>;
  /** Answers in its place, by path. */
  answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>>;
  /** The paths that were asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startMadeUpIssuer(): Promise<MadeUpIssuer> {
  const key = await createIssuerKey("first");
  const server = createServer((request, response) => void answer(request, response));
  const url = `http://127.0.0.1:${await listen(server)}`;
  const issuer: MadeUpIssuer = {
    url,
    key,
    description: {},
    claims: {},
    sign: (claims) => key.sign(claims),
    answers: {},
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    issuer.asked.push(path);
    const other = issuer.answers[path];
    if (other !== undefined) return other(request, response);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(await bodyOf(path)));
  }

  async function bodyOf(path: string): Promise<object> {
    if (path === "/.well-known/openid-configuration") {
      return {
        issuer: url,
        authorization_endpoint: `${url}/auth`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/keys`,
        id_token_signing_alg_values_supported: ["RS256"],
        ...issuer.description,
      };
    }
    if (path === "/keys") return { keys: [key.publicJwk] };
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const id_token = await issuer.sign({
      iss: url,
      aud: "sluice",
      sub: "grace",
      iat: nowSeconds,
      exp: nowSeconds + 60,
      email: "grace@example.com",
      email_verified: true,
      groups: ["engineers"],
      ...issuer.claims,
    });
    return { access_token: "opaque", token_type: "Bearer", id_token };
  }
  return issuer;
}
