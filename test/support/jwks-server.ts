// An issuer's key set over real HTTP: which keys it has, how it answers, and how often it was asked.

import { createServer, type ServerResponse } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { listen } from "./listen.ts";

export interface IssuerKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly publicJwk: object;
  readonly publicPem: string;
  sign(claims: Readonly<Record<string, unknown>>, header?: object): Promise<string>;
}

export interface JwksServer {
  readonly url: string;
  /** The keys that it shows from now on. */
  show(keys: readonly Pick<IssuerKey, "publicJwk">[]): void;
  /** Answers in another way from now on; undefined: with its keys again. */
  answer(answer: ((response: ServerResponse) => void) | undefined): void;
  requests(): number;
  close(): Promise<void>;
}

export async function createIssuerKey(kid: string, algorithm = "RS256"): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const der = Buffer.from(await crypto.subtle.exportKey("spki", publicKey)).toString("base64");
  return {
    kid,
    algorithm,
    publicJwk: { ...jwk, kid, alg: algorithm, use: "sig" },
    publicPem: `-----BEGIN PUBLIC KEY-----\n${der.replace(/.{64}/g, "$&\n")}\n-----END PUBLIC KEY-----\n`,
    sign: (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid, ...header }).sign(privateKey),
  };
}

export async function startJwksServer(): Promise<JwksServer> {
  let keys: readonly object[] = [];
  let answer: ((response: ServerResponse) => void) | undefined;
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    if (answer !== undefined) return answer(response);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys }));
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/keys`,
    show(shown) {
      keys = shown.map(({ publicJwk }) => publicJwk);
    },
    answer(next) {
      answer = next;
    },
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
