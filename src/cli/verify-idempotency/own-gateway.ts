// A gateway of the check's own, as a process, before a demo upstream.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDemoUpstream } from "../../demo/demo-upstream.ts";
import { startGatewayProcess } from "../gateway-process.ts";
import type { GatewayAddresses } from "./verify-options.ts";

export interface OwnGateway {
  readonly addresses: GatewayAddresses;
  readonly embeddingModel: string;
  /** Requests that the upstream has received. */
  readonly received: () => number;
  close(): Promise<void>;
}

/** An answer takes a while, so that duplicates come while it is under way. */
const tokenDelayMs = 10;
const chatModel = "gpt-4o-mini";
const embeddingModel = "text-embedding-3-small";

export async function startOwnGateway(): Promise<OwnGateway> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-verify-"));
  const upstream = await createDemoUpstream({
    models: [chatModel],
    embeddingModels: [embeddingModel],
    tokenDelayMs,
  });
  const release = async (): Promise<void> => {
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const gateway = await startGatewayProcess({
      folder,
      environment: {
        OPENAI_API_KEY: "demo-key",
        OPENAI_BASE_URL: `${upstream.url}/v1`,
        OPENAI_MODEL: chatModel,
        // What is looked at is how it joins, not how it refuses.
        REQUESTS_PER_MINUTE: "off",
        TOKENS_PER_MINUTE: "off",
      },
    });
    return {
      addresses: { http: new URL(gateway.httpUrl), grpc: new URL(gateway.grpcUrl) },
      embeddingModel: `openai/${embeddingModel}`,
      received: () => upstream.counts.received,
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
