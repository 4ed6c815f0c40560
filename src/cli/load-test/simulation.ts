// A gateway of the load test's own over three demo providers, so that a fallback can be watched without a key.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDemoUpstream } from "../../demo/demo-upstream.ts";
import { startGatewayProcess } from "../gateway-process.ts";

export interface Simulation {
  readonly httpUrl: string;
  readonly grpcUrl: string;
  /** The provider that is asked first goes away, with every answer under way. */
  killPrimary(): Promise<void>;
  close(): Promise<void>;
}

const tokenDelayMs = 5;

export async function startSimulation(): Promise<Simulation> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-load-test-"));
  const [primary, second, third] = await Promise.all(
    ["gpt-4o-mini", "claude-haiku-4-5", "gemini-2.5-flash"].map((model) =>
      createDemoUpstream({ models: [model], tokenDelayMs }),
    ),
  );
  if (primary === undefined || second === undefined || third === undefined)
    throw new Error("No demo upstream.");
  const upstreams = [primary, second, third];
  const release = async (): Promise<void> => {
    await Promise.all(upstreams.map((upstream) => upstream.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const gateway = await startGatewayProcess({
      folder,
      environment: {
        OPENAI_API_KEY: "demo-key",
        OPENAI_BASE_URL: `${primary.url}/v1`,
        OPENAI_MODEL: "gpt-4o-mini",
        OPENAI_PRIORITY: "2",
        ANTHROPIC_API_KEY: "demo-key",
        ANTHROPIC_BASE_URL: second.url,
        ANTHROPIC_MODEL: "claude-haiku-4-5",
        ANTHROPIC_PRIORITY: "1",
        GEMINI_API_KEY: "demo-key",
        GEMINI_BASE_URL: third.url,
        GEMINI_MODEL: "gemini-2.5-flash",
        // What is looked at is how it serves, not how it refuses.
        REQUESTS_PER_MINUTE: "off",
        TOKENS_PER_MINUTE: "off",
      },
    });
    return {
      httpUrl: gateway.httpUrl,
      grpcUrl: gateway.grpcUrl,
      killPrimary: () => primary.close(),
      async close() {
        await gateway.stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
