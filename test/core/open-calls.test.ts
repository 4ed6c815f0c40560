import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { createOpenCalls } from "../../src/core/open-calls.ts";
import { keylessPrincipal, principalOfRole } from "../support/principals.ts";

const snapshot = { version: 1 };
const principal = keylessPrincipal;
const abort = () => undefined;
const reason = new GatewayError({ code: "unavailable", message: "stopping" });

describe("createOpenCalls", () => {
  it("ends just those that joined and did not leave, in any order of joining and leaving", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (steps) => {
        const calls = createOpenCalls();
        const leaving = new Map<number, () => void>();
        const ended: number[] = [];
        for (const id of steps) {
          const leave = leaving.get(id);
          if (leave === undefined)
            leaving.set(id, calls.join({ snapshot, principal, abort: () => ended.push(id) }));
          else {
            leave();
            leave();
            leaving.delete(id);
          }
        }
        calls.abortAll(reason);
        expect(new Set(ended)).toEqual(new Set(leaving.keys()));
        expect(ended).toHaveLength(leaving.size);
      }),
    );
  });

  it("ends all although each takes itself out as it ends", () => {
    const calls = createOpenCalls();
    const ended: number[] = [];
    for (let id = 0; id < 5; id += 1) {
      const leave: () => void = calls.join({
        snapshot,
        principal,
        abort() {
          ended.push(id);
          leave();
        },
      });
    }
    calls.abortAll(reason);
    expect(ended).toEqual([0, 1, 2, 3, 4]);
  });

  it("ends at once what joins too late", () => {
    const calls = createOpenCalls();
    calls.abortAll(reason);
    const ended: GatewayError[] = [];
    calls.join({ snapshot, principal, abort: (why) => ended.push(why) });
    expect(ended).toEqual([reason]);
  });

  it("knows whether one that began with an earlier configuration is still under way", () => {
    const calls = createOpenCalls();
    const leave = calls.join({ snapshot: { version: 1 }, principal, abort });
    calls.join({ snapshot: { version: 2 }, principal, abort });
    expect([1, 2, 3].map((version) => calls.someBefore(version))).toEqual([false, true, true]);
    leave();
    expect([1, 2, 3].map((version) => calls.someBefore(version))).toEqual([false, false, true]);
  });

  it("ends those of a principal that is meant, now and as they join, and no others", () => {
    const calls = createOpenCalls();
    const ended: string[] = [];
    const join = (tenantId: string) =>
      calls.join({
        snapshot,
        principal: principalOfRole("developer", tenantId),
        abort: () => ended.push(tenantId),
      });
    join("red");
    join("blue");
    expect(calls.all().map(({ principal }) => principal.tenantId)).toEqual(["red", "blue"]);
    calls.endWhere(({ tenantId }) => (tenantId === "red" ? reason : undefined));
    expect(ended).toEqual(["red"]);
    join("red");
    join("blue");
    expect(ended).toEqual(["red", "red"]);
    calls.endWhere(() => undefined);
    join("red");
    expect(ended).toEqual(["red", "red"]);
  });
});
