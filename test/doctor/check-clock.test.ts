import { createServer } from "node:http";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { checkClock, type TimeSource, timeOfServer } from "../../src/doctor/check-clock.ts";
import { createManualClock } from "../support/manual-clock.ts";

const clock = createManualClock();
const signal = new AbortController().signal;
const off = (name: string, aheadMs: number): TimeSource => ({
  name,
  epochMs: () => Promise.resolve(clock.epochMs() - aheadMs),
});
const silent: TimeSource = { name: "silent", epochMs: () => Promise.resolve(undefined) };

describe("the clock", () => {
  it.each([
    [30_000, "ok", "Within 30 s of that of a."],
    [-30_000, "ok", "Within 30 s of that of a."],
    [31_000, "warn", "It is 31 s ahead of that of a. Set it, and keep it right by NTP."],
    [-90_000, "warn", "It is 90 s behind that of a. Set it, and keep it right by NTP."],
  ])("that is %d ms ahead is %s", async (aheadMs, verdict, text) => {
    expect(await checkClock([silent, off("a", aheadMs)], clock).look(signal)).toEqual([
      { verdict, subject: "clock", text },
    ]);
  });

  it("is right when it agrees with any of those that tell the time", async () => {
    const [found] = await checkClock([off("a", 4_000_000), off("b", -2_000)], clock).look(signal);
    expect(found).toMatchObject({ verdict: "ok", text: "Within 2 s of that of b." });
  });

  it("is not judged when nobody tells the time", async () => {
    expect(await checkClock([silent], clock).look(signal)).toMatchObject([
      { verdict: "ok", text: "Not checked: nothing that tells the time can be reached." },
    ]);
  });

  it("takes the time from any server's answer, an error's too; one that cannot be reached tells none", async () => {
    const server = createServer((_, response) => {
      response.writeHead(404, { date: "Tue, 17 Jun 2025 10:00:00 GMT" });
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/v1`;
    expect(await timeOfServer(url).epochMs(signal)).toBe(Date.UTC(2025, 5, 17, 10));
    server.close();
    await once(server, "close");
    expect(await timeOfServer(url).epochMs(signal)).toBeUndefined();
  });
});
