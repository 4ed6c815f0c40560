import fc from "fast-check";
import { expect, test } from "vitest";
import { type PlaceInLine, WaitingLine } from "../../../src/core/limits/waiting-line.ts";

test("it serves in order of coming, whoever leaves from the middle", () => {
  const step = fc.oneof(
    fc.constant({ kind: "join" } as const),
    fc.constant({ kind: "shift" } as const),
    fc.record({ kind: fc.constant("leave" as const), which: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: "max" }), (steps) => {
      const line = new WaitingLine<number>();
      const places: PlaceInLine<number>[] = [];
      let next = 0;
      for (const todo of steps) {
        if (todo.kind === "join") places.push(line.join((next += 1)));
        if (todo.kind === "shift") expect(line.shift()).toBe(places.shift()?.waiter);
        if (todo.kind === "leave" && places.length > 0) {
          const [left] = places.splice(todo.which % places.length, 1);
          if (left !== undefined) line.leave(left);
        }
        expect(line.length()).toBe(places.length);
      }
      for (const place of places) expect(line.shift()).toBe(place.waiter);
      expect(line.shift()).toBeUndefined();
    }),
  );
});
