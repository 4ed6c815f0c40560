// The README's calls, pasted as they are: only the ports are those of the gateway under test.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GatewayProcess, startGatewayProcess } from "../../src/cli/gateway-process.ts";

const root = join(import.meta.dirname, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
const folder = mkdtempSync(join(tmpdir(), "sluice-readme-"));
let gateway: GatewayProcess;

beforeAll(async () => {
  gateway = await startGatewayProcess({ folder, environment: {} });
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

async function paste(command: string): Promise<string> {
  const here = command
    .replaceAll("http://127.0.0.1:8080", gateway.httpUrl)
    .replaceAll("http://127.0.0.1:50051", gateway.grpcUrl);
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", here], { cwd: root });
  return stdout;
}

describe("the README's calls", () => {
  const expected: [string, string, RegExp[]][] = [
    ["OpenAI", "/v1/chat/completions", [/"content":"/, /data: \[DONE\]\s*$/]],
    ["GraphQL", "subscription", [/"kind":"PartDelta"/, /"reason":"STOP"/, /event: complete/]],
    ["Connect", "ChatService/Chat", [/"finishReason":"FINISH_REASON_STOP"/]],
    ["gRPC", "StreamChat", [/"partDelta"/, /"reason":\s*"FINISH_REASON_STOP"/]],
    ["embeddings", "/v1/embeddings", [/"object":"embedding"/, /"embedding":\[-?[\d.e-]+,/]],
    ["cached answers", "x-sluice-cache-ttl", [/status: miss\s+x-sluice-cache-status: hit\s*$/]],
    ["records", "requests(first", [/"status":"OK"/, /"attempts":\[\{/]],
  ];

  it("are those that are tested here", () => {
    expect(commands).toHaveLength(expected.length);
  });

  it.each(expected)("%s", async (_, mark, patterns) => {
    const command = commands.find((each) => each.includes(mark));
    const output = await paste(command ?? "exit 1");
    for (const pattern of patterns) expect(output).toMatch(pattern);
  });
});
