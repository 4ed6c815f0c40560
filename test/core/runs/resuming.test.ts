// Streams that are gone on with.

import { describe, expect, it } from "vitest";
import { permissionsOfRole } from "../../../src/core/access/permissions.ts";
import type { Principal } from "../../../src/core/access/principal.ts";
import { failing, refusing, request, textOf } from "../../support/chat-scripts.ts";
import { createMemoryRuns } from "../../support/memory-runs.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import { textScript } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import {
  alice,
  expectQuiet,
  gate,
  heads,
  keyed,
  numbersTo,
  resumable,
  resuming,
  type RunningOptions,
  sequencesOf,
  startGateway,
  streaming,
  tails,
  word,
} from "./running-gateway.ts";

const words = ["a ", "b ", "c ", "d "];

/** Its words wait, each for its own gate; its run is `id-1`. */
function begin(options: RunningOptions = {}, timesEach = 1) {
  const gates = words.map(() => gate());
  const steps = [
    ...heads,
    ...words.flatMap((text, at) => [
      gates[at]?.step ?? "hang",
      ...Array.from({ length: timesEach }, () => word(text)),
    ]),
    ...tails,
  ];
  const running = startGateway([{ steps }], options);
  const open = async (count = words.length): Promise<void> => {
    for (const each of gates.splice(0, count)) each.open();
    await turn();
  };
  return { running, open };
}

async function startAway(options: RunningOptions = {}, timesEach = 1) {
  const begun = begin(options, timesEach);
  const one = streaming(begun.running, resumable());
  await turn();
  await begun.open(1);
  one.goAway();
  await turn();
  expect(one.error?.code).toBe("cancelled");
  return { ...begun, one };
}

describe("a resumable run", () => {
  it("goes on while its reader is away, and gives the rest of it", async () => {
    const { running, open, one } = await startAway();
    expect(sequencesOf(one)).toEqual(numbersTo(3));
    await open(1);
    running.clock.advance(59_999);
    const two = resuming(running, "id-1", 2);
    await turn();
    expect(sequencesOf(two)).toEqual([3]);
    running.clock.advance(30_000);
    await open();
    expect(sequencesOf(two)).toEqual(numbersTo(9, 3));
    expect([two.error, two.reply?.meta.requestId]).toEqual([undefined, "id-1"]);
    expect(running.ledger.settled).toMatchObject([{ id: "id-1", status: "ok" }]);
    expect(running.ledger.opened).toHaveLength(1);
    await expectQuiet(running);
  });

  it("is complete although nobody comes back", async () => {
    const { running, open } = await startAway();
    await open();
    expect(running.ledger.settled).toMatchObject([{ status: "ok" }]);
    expect(running.clock.pendingTimers).toBe(0);
    const all = resuming(running, "id-1");
    const last = resuming(running, "id-1", 7);
    const none = resuming(running, "id-1", 8);
    await turn();
    expect([all, last, none].map(sequencesOf)).toEqual([numbersTo(9), [8], []]);
    expect([all, last, none].map(({ ended, error }) => [ended, error])).toEqual(
      Array.from({ length: 3 }, () => [true, undefined]),
    );
    await expectQuiet(running);
  });

  it("is cancelled when nobody has come back in time", async () => {
    const { running } = await startAway();
    running.clock.advance(59_999);
    expect(running.ledger.settled).toEqual([]);
    running.clock.advance(1);
    await turn();
    expect(running.ledger.settled).toMatchObject([{ status: "cancelled" }]);
    expect(running.provider.ended).toBe(1);
    const late = resuming(running, "id-1", 2);
    await turn();
    expect(late.error?.message).toMatch(/within 60 s \(RESUME_AWAY_SECONDS\).*Send the call again/);
    await expectQuiet(running);
  });

  it("is away since its last reader left, also where it answers only then", async () => {
    const { running, open } = begin();
    const one = streaming(running, resumable());
    await turn();
    one.goAway();
    await turn();
    running.clock.advance(50_000);
    await open(1);
    running.clock.advance(9_999);
    await turn();
    expect(running.ledger.settled).toEqual([]);
    running.clock.advance(1);
    await turn();
    expect(running.ledger.settled).toMatchObject([{ status: "cancelled" }]);
    await expectQuiet(running);
  });

  it("may be resumed before it answers, by several at once, and goes on when all are gone again", async () => {
    const { running, open } = begin();
    const one = streaming(running, resumable());
    await turn();
    one.goAway();
    const several = [1, 2, 3].map(() => resuming(running, "id-1"));
    await turn();
    await open(2);
    expect(several.map(sequencesOf)).toEqual([1, 2, 3].map(() => numbersTo(4)));
    several[0]?.goAway();
    void several[1]?.leave();
    await turn();
    running.clock.advance(60_000);
    await open(1);
    expect(sequencesOf(several[2] ?? one)).toEqual(numbersTo(5));
    several[2]?.goAway();
    await turn();
    await open(1);
    expect(running.ledger.settled).toMatchObject([{ status: "ok" }]);
    await expectQuiet(running);
  });

  it("waits with a full log until somebody comes back", async () => {
    const { running, open, one } = await startAway({ runLimits: { logMaxBytes: 2_000 } }, 50);
    await open();
    expect(running.provider.yielded).toBeLessThan(100);
    expect(running.ledger.settled).toEqual([]);
    const { length } = one.events;
    const two = resuming(running, "id-1", length - 1);
    await turn();
    expect(sequencesOf(two)).toEqual(numbersTo(205, length));
    expect(running.ledger.settled).toMatchObject([{ status: "ok" }]);
    const three = resuming(running, "id-1", 0);
    await turn();
    expect(three.error).toMatchObject({ code: "conflict", meta: { requestId: "id-1" } });
    expect(three.error?.message).toMatch(/no longer kept.*send the call again/);
    const tail = resuming(running, "id-1", 203);
    await turn();
    expect(sequencesOf(tail)).toEqual([204]);
    await expectQuiet(running);
  });

  it("gives after an error what came before it, and the error", async () => {
    const running = startGateway([{ steps: [...heads, word("so far"), failing("unavailable")] }]);
    const one = streaming(running, resumable());
    await turn();
    const two = resuming(running, "id-1", 1);
    await turn();
    expect([textOf(two.events), two.error?.message]).toEqual(["so far", one.error?.message]);
    await expectQuiet(running);
  });

  it("ends at its deadline although it waits for a reader", async () => {
    const { running, open } = begin();
    const one = streaming(running, resumable({ timeoutMs: 30_000 }));
    await open(1);
    one.goAway();
    await turn();
    running.clock.advance(30_000);
    await turn();
    expect(running.ledger.settled).toMatchObject([{ errorCode: "deadline_exceeded" }]);
    await expectQuiet(running);
  });
});

const colleague: Principal = { ...alice, apiKeyId: "key-b" };
const user: Principal = { ...alice, userId: "u-1" };
const tenant: Principal = { ...alice, tenantId: "other" };

describe("what cannot be resumed", () => {
  it("is not found, whatever the cause, in the same words", async () => {
    const { running, open } = begin();
    streaming(running, resumable());
    streaming(running, keyed());
    await open();
    const asked = [
      resuming(running, "id-unknown"),
      resuming(running, "id-3"),
      ...[colleague, user, tenant, keylessPrincipal].map((principal) =>
        resuming(running, "id-1", -1, { principal }),
      ),
    ];
    await turn();
    expect(new Set(asked.map(({ error }) => `${error?.code}: ${error?.message}`)).size).toBe(1);
    expect(asked[0]?.error).toMatchObject({ code: "not_found", meta: undefined });
    expect(asked[0]?.error?.message).toMatch(/Send the call again/);
    expect(resuming(running, "id-1").error).toBeUndefined();
    await turn();
    await expectQuiet(running);
  });

  it("is not found where it failed before anything was sent", async () => {
    const running = startGateway([refusing("unavailable")]);
    const one = streaming(running, resumable());
    await turn();
    const id = one.error?.meta?.requestId ?? "none";
    const two = resuming(running, id);
    await turn();
    expect([one.error?.code, two.error?.code]).toEqual(["all_providers_failed", "not_found"]);
    await expectQuiet(running);
  });

  it("a keyless run is no keyed caller's", async () => {
    const running = startGateway([textScript("x")]);
    await running.gateway.chat(request, { principal: keylessPrincipal, resumable: true });
    const [foreign, own] = [
      resuming(running, "id-1"),
      resuming(running, "id-1", -1, { principal: keylessPrincipal }),
    ];
    await turn();
    expect([foreign.error?.code, own.error]).toEqual(["not_found", undefined]);
    await expectQuiet(running);
  });

  it("is not found by whoever may not act for the run's tenant any more, nor where that is inactive", async () => {
    let active = true;
    const find = (id: string) => ({
      active,
      grants: { tenant: { id, timeZone: "UTC", limits: {}, budget: {} } },
    });
    const running = startGateway([textScript("x")], { tenants: { find }, shared: createMemoryRuns() });
    const elsewhere = running.restarted();
    const acting: Principal = { ...principalOfRole("platform_admin", "acme"), userId: "u-1" };
    const lessened: Principal = { ...acting, role: "admin", permissions: permissionsOfRole.admin };
    const labels = { tenant: "red" };
    await running.gateway.chat({ ...request, labels }, { principal: acting, resumable: true });
    const codesFor = async (principal: Principal) => {
      const both = [running, elsewhere].map((each) => resuming(each, "id-1", -1, { principal }));
      await turn();
      // It looks twice where it does not find it.
      elsewhere.clock.advance(20);
      await turn();
      return both.map(({ ended, error }) => (ended ? error?.code : "waits"));
    };
    expect(await codesFor(acting)).toEqual([undefined, undefined]);
    expect(await codesFor(lessened)).toEqual(["not_found", "not_found"]);
    active = false;
    expect(await codesFor(acting)).toEqual(["not_found", "not_found"]);
    await expectQuiet(running);
    await expectQuiet(elsewhere);
  });

  it("a sequence that has not come is refused, and says how far the stream is", async () => {
    const { running, open } = begin();
    const one = streaming(running, resumable());
    await turn();
    const early = resuming(running, "id-1", 0);
    await open(1);
    const later = resuming(running, "id-1", 3);
    await turn();
    for (const { error } of [early, later]) {
      expect(error).toMatchObject({ code: "invalid_request", field: "afterSequence" });
    }
    expect(early.error?.message).toMatch(/it has none: ask for all with -1/);
    expect(later.error?.message).toMatch(/no event 3 yet; the last one is 2$/);
    await open();
    expect(one.ended).toBe(true);
    await expectQuiet(running);
  });

  it("is forgotten after RESUME_KEEP_SECONDS, and beyond RUN_LOGS_MAX_BYTES, the oldest first", async () => {
    const running = startGateway([textScript("x")], {
      kept: { resumeMs: 10_000, endedMaxBytes: 3 * 2_048 + 5_000 },
    });
    const codes = async (ids: readonly (string | undefined)[]) => {
      const all = ids.map((id = "none") => resuming(running, id));
      await turn();
      return all.map(({ error }) => error?.code);
    };
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      ids.push((await running.gateway.chat(request, resumable())).id);
    }
    const found = await codes(ids);
    const kept = found.filter((code) => code === undefined).length;
    expect(kept).toBeGreaterThan(0);
    expect(found).toEqual(ids.map((_, at) => (at < ids.length - kept ? "not_found" : undefined)));
    running.clock.advance(9_999);
    expect(await codes(ids.slice(-1))).toEqual([undefined]);
    running.clock.advance(1);
    expect(await codes(ids)).toEqual(ids.map(() => "not_found"));
    await expectQuiet(running);
  });
});
