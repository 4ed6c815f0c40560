// The README's programs, run as they are from the checkout: only the address of the provider is the demo upstream's.

import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";

const root = join(import.meta.dirname, "..", "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const programs = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
let upstream: DemoUpstream;

beforeAll(async () => {
  upstream = await createDemoUpstream();
});

afterAll(() => upstream.close());

async function run(program: string): Promise<string> {
  const here = program.replace(
    `OPENAI_API_KEY: "sk-…"`,
    `OPENAI_API_KEY: "sk-any", OPENAI_BASE_URL: "${upstream.url}/v1", OPENAI_MODEL: "demo-chat"`,
  );
  const file = join(root, `.readme-example-${process.pid}.ts`);
  writeFileSync(file, here);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: root });
    return stdout;
  } finally {
    rmSync(file);
  }
}

describe("the README's programs", () => {
  it("are those that are run here", () => {
    expect(programs).toHaveLength(2);
  });

  it("stream an answer", async () => {
    const output = await run(programs.find((each) => each.includes("gateway.stream")) ?? "process.exit(1)");
    expect(output).toMatch(/\w+ \w+/);
  });

  it("add a provider of their own, in at most 40 lines", async () => {
    const program = programs.find((each) => each.includes("addProvider")) ?? "process.exit(1)";
    expect(program.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
    expect(await run(program)).toBe("Hello\n");
  });
});
