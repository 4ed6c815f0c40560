// JSON at its worst, at every entrance: it is refused in the front end's form of errors or taken as data; it
// never fails the gateway, pollutes a prototype, or holds up the next call.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  allEntrances,
  type Answer,
  type Entrance,
  entrances,
  type Served,
  serveAll,
} from "./hard-json/entrances.ts";
import { noJson, noObject } from "./hard-json/no-json.ts";
import { objectsIn, placesFor, placesIn, textWith, textWithMember } from "./hard-json/places.ts";
import { floods, hardValues, nests, prototypeKeys } from "./hard-json/values.ts";

let served: Served;
beforeAll(async () => {
  served = await serveAll(32 * 1024 * 1024);
});
afterAll(() => served.close());

/** For half a mebibyte, which is what the longest bodies here have. */
const maxCpuMs = 500;
const maxRefusalChars = 4_000;

/** The message with which it was refused; undefined: it was taken. */
function refusalOf({ refusal }: Entrance, { status, json }: Answer, what: string): string | undefined {
  const message = refusal(json);
  if (status === 200 && message === undefined) return undefined;
  expect(status, `${what}: ${JSON.stringify(json).slice(0, 500)}`).toBe(400);
  expect(message, `${what}: ${JSON.stringify(json).slice(0, 500)}`).toBeDefined();
  expect(JSON.stringify(json).length, what).toBeLessThan(maxRefusalChars);
  return message;
}

async function sendHard(entrance: Entrance, body: string | Uint8Array, what: string) {
  const answer = await served.send(entrance, body);
  expect(answer.cpuMs, what).toBeLessThan(maxCpuMs);
  return refusalOf(entrance, answer, what);
}

async function expectItStillAnswers(entrance: Entrance): Promise<void> {
  const { status, json } = await served.send(entrance, JSON.stringify(entrance.full));
  expect({ status, refusal: entrance.refusal(json) }).toEqual({ status: 200, refusal: undefined });
  expect(served.faults).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect("polluted" in {}).toBe(false);
}

describe.each(allEntrances)("$name", (entrance) => {
  test("a request with every kind of member is taken", () => expectItStillAnswers(entrance));

  test("what is no JSON is refused", async () => {
    const calls = served.provider.calls.length;
    for (const [name, body] of noJson) {
      expect(await sendHard(entrance, body, name), name).toBeDefined();
    }
    expect(served.provider.calls.length).toBe(calls);
    await expectItStillAnswers(entrance);
  });

  test("JSON that is no object is refused", async () => {
    for (const body of noObject) expect(await sendHard(entrance, body, body), body).toBeDefined();
  });

  test("a byte order mark and white space around the body are none of its content", async () => {
    const body = JSON.stringify(entrance.full);
    for (const text of [`\ufeff${body}`, `\r\n\t ${body} \n`]) {
      expect(await sendHard(entrance, text, text.slice(0, 5))).toBeUndefined();
    }
  });

  test("names of Object.prototype are data, or refused", async () => {
    for (const place of objectsIn(entrance.full)) {
      for (const key of prototypeKeys) {
        for (const value of ['"x"', '{"polluted":true}']) {
          const body = textWithMember(entrance.full, place, `"${key}":${value}`);
          await sendHard(entrance, body, body);
        }
      }
    }
    await expectItStillAnswers(entrance);
  });

  test("hard values are refused or taken, wherever they stand", async () => {
    for (const [i, place] of placesIn(entrance.full).entries()) {
      // Every other one at a place, the rest at the next.
      for (const value of hardValues.filter((_, j) => (i + j) % 2 === 0)) {
        const body = textWith(entrance.full, place, value);
        await sendHard(entrance, body, body.slice(0, 1_000));
      }
    }
    await expectItStillAnswers(entrance);
  });

  test("deep nests are refused, wherever they stand", async () => {
    for (const [i, place] of placesIn(entrance.full).entries()) {
      const nest = nests[i % nests.length] ?? "";
      const what = `${place.join(".")}: ${nest.slice(0, 20)} (${nest.length})`;
      expect(await sendHard(entrance, textWith(entrance.full, place, nest), what), what).toBeDefined();
    }
    await expectItStillAnswers(entrance);
  });

  test("what is very long or has very many members is refused or taken in good time", async () => {
    for (const flood of floods) {
      for (const place of placesFor(entrance.full, flood)) {
        const what = `${place.join(".")}: ${flood.slice(0, 20)} (${flood.length})`;
        await sendHard(entrance, textWith(entrance.full, place, flood), what);
      }
    }
    await expectItStillAnswers(entrance);
  });
});

test("a nest in a field that may hold its own kind", async () => {
  const { connectChat, graphql } = entrances;
  const nest = `${'{"toolResult":{"toolCallId":"a","content":['.repeat(6_000)}{"text":1}${"]}}".repeat(6_000)}`;
  for (const [entrance, place] of [
    [connectChat, ["messages", "0", "parts", "0"]],
    [graphql, ["variables", "input", "messages", "0", "parts", "0"]],
  ] as const) {
    expect(await sendHard(entrance, textWith(entrance.full, place, nest), "a nest")).toBeDefined();
    await expectItStillAnswers(entrance);
  }
});

test("the search for the place of a fault is bounded however deep and wide the nest is", async () => {
  const wide = `${'{"text":"a"},'.repeat(30_000)}{"text":1}`;
  const nest = `${'{"toolResult":{"toolCallId":"a","content":['.repeat(40)}${wide}${"]}}".repeat(40)}`;
  const body = textWith(entrances.connectChat.full, ["messages", "0", "parts", "0"], nest);
  expect(await sendHard(entrances.connectChat, body, "deep and wide")).toMatch(/^messages\[0\]\.parts\[0\]/);
});

test("many variables of which nothing is known are told by their first fault", async () => {
  const { graphql } = entrances;
  const members = Array.from({ length: 60 }, (_, i) => `"x${i}":1`).join(",");
  const input = `{"messages":[],"model":"${"a".repeat(400_000)}",${members}}`;
  const refusal = await sendHard(graphql, textWith(graphql.full, ["variables", "input"], input), "members");
  expect(refusal).toContain("x0");
});

test.each([
  [entrances.completions, ["tools", "0", "function", "parameters"]],
  [entrances.completions, ["logit_bias"]],
  [entrances.completions, ["response_format", "json_schema", "schema"]],
  [entrances.connectChat, ["tools", "0", "parameters"]],
  [entrances.connectChat, ["providerOptions", "acme"]],
  [entrances.connectChat, ["labels"]],
  [entrances.graphql, ["variables", "input", "tools", "0", "parameters"]],
  [entrances.graphql, ["variables", "input", "providerOptions", "acme"]],
  [entrances.graphql, ["variables", "input", "labels"]],
] as const)("$name: the member __proto__ of %s comes through as data", async (entrance, place) => {
  const kept = place.at(-1) === "labels" ? '"__proto__":"x"' : '"__proto__":{"polluted":"x"}';
  expect(await sendHard(entrance, textWithMember(entrance.full, place, kept), kept)).toBeUndefined();
  const { request } = served.provider.calls.at(-1) ?? {};
  const { labels } = served.ledger.opened.at(-1) ?? {};
  expect(JSON.stringify({ request, labels })).toContain(kept);
  await expectItStillAnswers(entrance);
});
