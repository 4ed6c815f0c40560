// The plain paths on a real server of their own.

import { createServer } from "node:http";
import { createPlainFrontEnd } from "../../../src/api/plain/plain-front-end.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { listen } from "../../support/listen.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import {
  createScriptedProvider,
  type Script,
  type ScriptedProvider,
} from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";

export interface PlainFace extends TestGateway {
  readonly url: string;
  readonly provider: ScriptedProvider;
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Response>;
  readonly close: () => Promise<void>;
}

export interface PlainOptions extends Partial<TestGatewayOptions> {
  readonly scripts?: readonly Script[];
  /** What is served in place of the gateway over the scripted provider. */
  readonly wrap?: (gateway: Gateway) => Gateway;
}

export async function servePlain({ scripts = [], wrap, ...options }: PlainOptions): Promise<PlainFace> {
  const provider = createScriptedProvider(...scripts);
  const parts = createTestGateway({ providers: { acme: provider }, ...options });
  const frontEnd = createPlainFrontEnd({
    gateway: wrap?.(parts.gateway) ?? parts.gateway,
    maxBodyBytes: 10_000,
    clock: createManualClock(),
    administration: true,
  });
  const server = createServer((request, response) => frontEnd.handle(request, response));
  const url = `http://127.0.0.1:${await listen(server)}`;
  return {
    ...parts,
    url,
    provider,
    post: (body, headers = {}) =>
      fetch(`${url}/infer`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await parts.gateway.close();
    },
  };
}
