// The paths below `/auth` on a real HTTP port, over sessions of which each test has new ones, with Ada as a user.

import { afterEach, beforeEach, expect } from "vitest";
import { type AuthFrontEndOptions, createAuthFrontEnd } from "../../../src/api/auth/auth-front-end.ts";
import { type ListeningServer, startHttpServer } from "../../../src/api/http-server.ts";
import type { Access } from "../../../src/core/access/access.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import {
  addAda,
  createTestSessions,
  password,
  presented,
  type TestSessions,
} from "../../support/test-sessions.ts";

export const ada = { email: "ada@example.com", password };

const jsonType = { "content-type": "application/json" };
type Headers = Readonly<Record<string, string>>;

export class AuthEdge {
  readonly made: TestSessions = createTestSessions({ clock: createManualClock(Date.now()) });
  readonly faults: { readonly error: unknown; readonly requestId: unknown }[] = [];
  url = "";
  readonly #opened: ListeningServer[] = [];

  /** Another port with options of its own; its address. */
  async serve(options: Partial<AuthFrontEndOptions> = {}): Promise<string> {
    const { clock, newId, sessions, check } = this.made;
    const access: Access = {
      keyless: false,
      async authenticate({ credential }) {
        if (credential !== undefined && check.handles(credential)) return check.check(credential, presented);
        throw new GatewayError({ code: "unauthenticated", message: "A key is needed." });
      },
    };
    const frontEnd = createAuthFrontEnd({
      gateway: { access, sessions },
      clock,
      newId,
      trustsProxy: () => false,
      reportFault: (error, { requestId }) => void this.faults.push({ error, requestId }),
      ...options,
    });
    const listening = await startHttpServer({ host: "127.0.0.1", port: 0, clock, frontEnds: [frontEnd] });
    this.#opened.push(listening);
    return `http://127.0.0.1:${listening.port}`;
  }

  post(path: string, body?: unknown, headers: Headers = {}, at = this.url): Promise<Response> {
    return fetch(`${at}${path}`, {
      method: "POST",
      headers: body === undefined ? headers : { ...jsonType, ...headers },
      body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((each) => each.close()));
  }
}

/** To be called once in a file. */
export function useAuthEdge(): () => AuthEdge {
  let edge: AuthEdge | undefined;
  const started = (): AuthEdge => {
    if (edge === undefined) throw new Error("The port was not opened.");
    return edge;
  };
  beforeEach(async () => {
    edge = new AuthEdge();
    await addAda(edge.made);
    edge.url = await edge.serve();
  });
  afterEach(() => started().close());
  return started;
}

/** A member that is a text. */
export const textAt = (body: unknown, name: string): string =>
  typeof body === "object" && body !== null && name in body
    ? String(Object.entries(body).find(([key]) => key === name)?.[1])
    : "";

export const refreshCookieOf = (response: Response): string =>
  /^sluice_refresh=([^;]+)/.exec(response.headers.getSetCookie().join("\n"))?.[1] ?? "";

export const errorOf = async (response: Response): Promise<unknown> => ({
  status: response.status,
  body: await response.json(),
});

/** What `errorOf` has for a failure. */
export const failed = (status: number, code: string, message: unknown = expect.any(String)) => ({
  status,
  body: { error: { code, message, request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
});
