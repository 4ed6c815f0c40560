import { startedFixture } from "../../identity/directory-fixture.ts";
import type { MeasuredFigure } from "../figure.ts";
import { median } from "../statistics.ts";
import type { LimitLine, LimitsContext } from "./limits-context.ts";

const limitUs = 5;
const rounds = 40;
const keysARound = 2_000;

export const malformedKey: MeasuredFigure<LimitsContext, LimitLine> = {
  name: "malformed",
  method: [
    "CPU of refusing a key whose checksum is wrong, each another one, from many addresses: the whole of authentication, with",
    "its error, the limit of the address and the note for the audit trail; microseconds of the thread.",
    `The median of ${rounds} rounds of ${keysARound} keys each.`,
  ],
  async measure() {
    const { access, noted, asked } = await startedFixture({ authRequired: true });
    const lookedUp = asked.keyByHash ?? 0;
    const costs: number[] = [];
    for (let round = -10; round < rounds; round += 1) {
      const presented = Array.from({ length: keysARound }, (_, n) => ({
        credential: `slc_live_${String(round * keysARound + n + 1_000_000).padStart(43, "k")}aaaaaa`,
        remoteAddress: `10.${n % 200}.${round + 10}.7`,
        host: "localhost",
        origin: undefined,
      }));
      const before = process.threadCpuUsage();
      for (const each of presented) await access.authenticate(each).catch(() => undefined);
      const { user, system } = process.threadCpuUsage(before);
      if (round >= 0) costs.push((user + system) / keysARound);
      noted.length = 0;
    }
    const cost = median(costs);
    const queries = (asked.keyByHash ?? 0) - lookedUp;
    return {
      lines: [
        {
          name: "CPU of refusing a key with a bad checksum",
          measured: `${cost.toFixed(2)} µs`,
          limit: `≤ ${limitUs} µs`,
          holds: cost <= limitUs,
        },
      ],
      notes: [`${queries} queries of the database`],
    };
  },
};
