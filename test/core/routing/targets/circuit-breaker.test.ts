import { describe, expect, it } from "vitest";
import { type BreakerPermit, CircuitBreaker } from "../../../../src/core/routing/targets/circuit-breaker.ts";
import type { BreakerPolicy } from "../../../../src/core/snapshot.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const threeInARow: BreakerPolicy = { failureThreshold: 3, resetTimeoutMs: 1000 };
const halfOfTen: BreakerPolicy = {
  failureThreshold: 100,
  resetTimeoutMs: 1000,
  errorRate: { share: 0.5, windowMs: 10_000, minAttempts: 10 },
};

function createBreaker(firstPolicy: BreakerPolicy) {
  let policy = firstPolicy;
  const clock = createManualClock();
  const changes: string[] = [];
  const breaker = new CircuitBreaker({
    policy: () => policy,
    clock,
    onChange: (from, to) => changes.push(`${from} > ${to}`),
  });
  const permit = (): BreakerPermit => {
    const given = breaker.acquire();
    if (given === undefined) throw new Error("the breaker gave no permit");
    return given;
  };
  return {
    clock,
    changes,
    breaker,
    permit,
    setPolicy: (next: BreakerPolicy): void => {
      policy = next;
    },
    fail: (times: number): void => {
      for (let n = 0; n < times; n += 1) breaker.failed(permit());
    },
    succeed: (times: number): void => {
      for (let n = 0; n < times; n += 1) breaker.succeeded(permit());
    },
  };
}

describe("a closed breaker", () => {
  it("opens with as many failures in a row as its policy says", () => {
    const { breaker, changes, fail } = createBreaker(threeInARow);
    fail(2);
    expect(breaker.state()).toBe("closed");
    expect(breaker.ready()).toBe(true);
    fail(1);
    expect(breaker.state()).toBe("open");
    expect(breaker.ready()).toBe(false);
    expect(breaker.acquire()).toBeUndefined();
    expect(changes).toEqual(["closed > open"]);
  });

  it("counts anew after a success, and not after an outcome that does not count", () => {
    const { breaker, permit, fail, succeed } = createBreaker(threeInARow);
    fail(2);
    succeed(1);
    fail(2);
    expect(breaker.state()).toBe("closed");
    breaker.released(permit());
    fail(1);
    expect(breaker.state()).toBe("open");
  });

  it("opens with the failure that brings the error rate to its share", () => {
    const { breaker, fail, succeed } = createBreaker(halfOfTen);
    succeed(5);
    fail(4);
    expect(breaker.state()).toBe("closed");
    fail(1);
    expect(breaker.state()).toBe("open");
  });

  it("knows no error rate of too few attempts, and does not open with the success that makes them enough", () => {
    const { breaker, fail, succeed } = createBreaker(halfOfTen);
    fail(9);
    succeed(1);
    expect(breaker.state()).toBe("closed");
    fail(1);
    expect(breaker.state()).toBe("open");
  });

  it("leaves released attempts, and those that ended before the window, out of the error rate", () => {
    const { breaker, clock, permit, fail, succeed } = createBreaker(halfOfTen);
    fail(9);
    for (let n = 0; n < 20; n += 1) breaker.released(permit());
    expect(breaker.state()).toBe("closed");
    clock.advance(10_500);
    fail(4);
    succeed(5);
    expect(breaker.state()).toBe("closed");
    fail(1);
    expect(breaker.state()).toBe("open");
  });

  it("follows a policy that changes", () => {
    const { breaker, setPolicy, fail } = createBreaker(halfOfTen);
    fail(9);
    setPolicy({ failureThreshold: 11, resetTimeoutMs: 1000 });
    fail(1);
    expect(breaker.state()).toBe("closed");
    fail(1);
    expect(breaker.state()).toBe("open");
  });
});

describe("a policy of another window", () => {
  it("begins an error rate of its own", () => {
    const { breaker, clock, setPolicy, fail } = createBreaker(halfOfTen);
    fail(9);
    setPolicy({ ...halfOfTen, errorRate: { share: 0.5, windowMs: 1000, minAttempts: 10 } });
    fail(9);
    clock.advance(1100);
    fail(9);
    expect(breaker.state()).toBe("closed");
    fail(1);
    expect(breaker.state()).toBe("open");
  });
});

describe("an open breaker", () => {
  it("lets one probe go when its reset time is over, and tells then only that it is half open", () => {
    const { breaker, clock, changes, fail } = createBreaker(threeInARow);
    fail(3);
    clock.advance(999);
    expect([breaker.state(), breaker.ready(), breaker.opensInMs()]).toEqual(["open", false, 1]);
    clock.advance(1);
    expect([breaker.state(), breaker.ready(), breaker.opensInMs()]).toEqual(["half_open", true, 0]);
    expect(changes).toEqual(["closed > open"]);
    expect(breaker.acquire()).toBeDefined();
    expect(changes).toEqual(["closed > open", "open > half_open"]);
    expect([breaker.state(), breaker.ready(), breaker.opensInMs()]).toEqual(["half_open", false, 0]);
    expect(breaker.acquire()).toBeUndefined();
  });

  it("is half open sooner when its reset time is made shorter", () => {
    const { breaker, clock, setPolicy, fail } = createBreaker(threeInARow);
    fail(3);
    clock.advance(400);
    setPolicy({ ...threeInARow, resetTimeoutMs: 300 });
    expect(breaker.state()).toBe("half_open");
  });

  it("is told nothing by attempts that began before it opened", () => {
    const { breaker, clock, permit, changes, fail } = createBreaker(threeInARow);
    const early = permit();
    fail(3);
    breaker.succeeded(early);
    expect(breaker.state()).toBe("open");
    clock.advance(1000);
    permit();
    breaker.failed(early);
    breaker.succeeded(early);
    breaker.released(early);
    expect(changes).toEqual(["closed > open", "open > half_open"]);
    expect(breaker.ready()).toBe(false);
  });
});

describe("a half-open breaker", () => {
  it("closes when the probe succeeds, and has forgotten all counts", () => {
    const { breaker, clock, permit, changes, fail } = createBreaker(threeInARow);
    fail(3);
    clock.advance(1000);
    breaker.succeeded(permit());
    expect(changes).toEqual(["closed > open", "open > half_open", "half_open > closed"]);
    fail(2);
    expect(breaker.state()).toBe("closed");
    fail(1);
    expect(breaker.state()).toBe("open");
  });

  it("has forgotten the error rate too when it closes", () => {
    const { breaker, clock, permit, fail } = createBreaker(halfOfTen);
    fail(10);
    clock.advance(1000);
    breaker.succeeded(permit());
    fail(9);
    expect(breaker.state()).toBe("closed");
  });

  it("opens for the whole time again when the probe fails", () => {
    const { breaker, clock, permit, changes, fail } = createBreaker(threeInARow);
    fail(3);
    clock.advance(1000);
    const probe = permit();
    clock.advance(700);
    breaker.failed(probe);
    expect(changes.at(-1)).toBe("half_open > open");
    expect(breaker.opensInMs()).toBe(1000);
  });

  it("lets another probe go when one ends without telling anything, whose outcome then no longer counts", () => {
    const { breaker, clock, permit, changes, fail } = createBreaker(threeInARow);
    fail(3);
    clock.advance(1000);
    const first = permit();
    breaker.released(first);
    expect(breaker.ready()).toBe(true);
    permit();
    breaker.released(first);
    breaker.succeeded(first);
    breaker.failed(first);
    expect(breaker.acquire()).toBeUndefined();
    expect(changes).toEqual(["closed > open", "open > half_open"]);
  });

  it("lets another probe go when one's answer begins, whose end still counts", () => {
    const { breaker, clock, permit, changes, fail } = createBreaker(threeInARow);
    fail(3);
    clock.advance(1000);
    const long = permit();
    breaker.committed(long);
    expect([breaker.state(), breaker.ready()]).toEqual(["half_open", true]);
    const next = permit();
    expect(breaker.ready()).toBe(false);
    breaker.released(long);
    expect(breaker.ready()).toBe(false);
    breaker.committed(next);
    breaker.failed(next);
    expect(changes.at(-1)).toBe("half_open > open");
  });

  it("is closed by the first of its probes that ends well; of the others no end counts", () => {
    const { breaker, clock, permit, changes, fail } = createBreaker(threeInARow);
    fail(3);
    clock.advance(1000);
    const probes = [1, 2, 3, 4].map(() => {
      const probe = permit();
      breaker.committed(probe);
      return probe;
    });
    const [first, ...others] = probes;
    if (first !== undefined) breaker.succeeded(first);
    for (const probe of others) breaker.failed(probe);
    expect(breaker.state()).toBe("closed");
    expect(changes.at(-1)).toBe("half_open > closed");
  });
});
