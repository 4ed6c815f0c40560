// Idempotency keys outlive the process that took them, on a database file.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { recorded, type Served, serveIn } from "../served-process.ts";
import { completion, graphql, post } from "./run-clients.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-restarts-"));
const running: Served[] = [];
afterAll(async () => {
  for (const { child } of running) child.kill("SIGKILL");
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(folder, { recursive: true });
});

async function start(): Promise<Served> {
  const served = await serveIn(folder, { SHUTDOWN_DELAY_SECONDS: "0" });
  running.push(served);
  return served;
}

async function ask({ httpUrl }: Served, content: string, key: string) {
  const headers = { "idempotency-key": key };
  const response = await post(httpUrl, { ...completion(content), headers });
  return { response, callId: response.headers.get("x-sluice-request-id"), body: await response.text() };
}

test("a key is known after a restart, and one whose process was killed while it ran is a conflict", async () => {
  const first = await start();
  const answered = await ask(first, "Hello", "kept");
  expect(answered.response.status).toBe(200);
  first.child.kill("SIGTERM");
  await first.ended;

  const second = await start();
  const again = await ask(second, "Hello", "kept");
  expect({ callId: again.callId, body: again.body }).toEqual({
    callId: answered.callId,
    body: answered.body,
  });
  expect((await ask(second, "Something else", "kept")).response.status).toBe(422);

  const endless = completion("[demo tokens=20000 delay=10] Hello", true);
  const stream = await post(second.httpUrl, { ...endless, headers: { "idempotency-key": "killed" } });
  const callId = stream.headers.get("x-sluice-request-id") ?? "none";
  // Whoever reads a record has it written first.
  const record = await post(
    second.httpUrl,
    graphql("query ($id: ID!) { request(id: $id) { status } }", { id: callId }),
  );
  expect(await record.json()).toEqual({ data: { request: { status: "OPEN" } } });
  second.child.kill("SIGKILL");
  await second.ended;

  const third = await start();
  const refused = await ask(third, "[demo tokens=20000 delay=10] Hello", "killed");
  expect(refused.response.status).toBe(409);
  expect(refused.response.headers.get("x-should-retry")).toBe("false");
  expect(refused.callId).toBe(callId);
  expect(JSON.parse(refused.body)).toMatchObject({
    error: { code: "conflict", message: expect.stringContaining(callId) },
  });
  third.child.kill("SIGTERM");
  await third.ended;
  expect(recorded(folder, "idempotency_key, status")).toEqual([
    { idempotency_key: "kept", status: "ok" },
    { idempotency_key: "killed", status: "interrupted" },
  ]);
});
