// The upstream: a server for each target that `TARGETS` names.

import { serveParent } from "../parent-process.ts";
import { FaultyTarget } from "./faulty-target.ts";
import { upstreamQuestion } from "./messages.ts";

const targets = new Map<string, FaultyTarget>();
const ports: Record<string, number> = {};
for (const name of (process.env["TARGETS"] ?? "").split(",")) {
  const target = new FaultyTarget();
  targets.set(name, target);
  ports[name] = await target.listen();
}

serveParent({
  ports,
  question: upstreamQuestion,
  async answer(asked) {
    const target = targets.get(asked.target);
    if (target === undefined) throw new Error(`There is no target "${asked.target}".`);
    if (asked.ask === "received") return target.received();
    await target.behave(asked.as);
    return undefined;
  },
});
