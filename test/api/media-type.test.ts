import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type MediaType, parseMediaType, preferredOffer } from "../../src/api/media-type.ts";

const offer = (text: string) => {
  const mediaType = parseMediaType(text);
  if (mediaType === undefined) throw new Error(text);
  return { text, mediaType };
};

const json = "application/json; charset=utf-8";
const plain = "text/plain; version=0.0.4; charset=utf-8";
const prefer = (accept: string | undefined) => preferredOffer(accept, [offer(json), offer(plain)])?.text;

describe("the offer that is preferred", () => {
  const cases: readonly [string | undefined, string | undefined][] = [
    [undefined, json],
    ["", json],
    ["*/*", json],
    ["application/json", json],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", json],
    ["text/plain", plain],
    ["TEXT/Plain", plain],
    ["text/*", plain],
    ["application/*;q=0.1, text/plain;q=0.2", plain],
    ["text/plain;q=0.2, application/json;q=0.20", json],
    ["text/plain; version=0.0.4", plain],
    ['text/plain;version="0.0.4"', plain],
    ["text/plain;Version=0.0.4;Charset=UTF-8", plain],
    ["text/plain;version=1.0.0", undefined],
    ["text/plain;version=1.0.0, */*;q=0.1", json],
    // The closest range decides, not the weightiest.
    ["text/plain;q=0.1, */*;q=1", json],
    ["application/json;q=0.1, */*", plain],
    ["application/json;q=0.5, */*;q=0.1, text/*;q=0.6, text/plain;q=0", json],
    ["text/plain;version=0.0.4;q=0.9, text/plain;q=0.1, application/json;q=0.5", plain],
    ["text/plain;version=0.0.4;q=0.2, text/plain;q=0.9, application/json;q=0.5", json],
    ["*/*;q=0", undefined],
    ["application/json;q=0", undefined],
    ["application/json;q=0, */*", plain],
    ["image/png", undefined],
    ["application/openmetrics-text", undefined],
    // What is not of the form is as if it were not there.
    ["text/plain;q=2, application/json;q=0.1", json],
    ["text/plain;q=0.0001, application/json;q=0.1", json],
    ["text/plain;q=, application/json;q=0.1", json],
    ["nonsense, text/plain", plain],
    [", ,text/plain,", plain],
    ['application/json;x="a,text/plain;q=1"', undefined],
    ['application/json;x="a\\",b", text/plain;q=0.1', plain],
    ['text/plain;x="unclosed, application/json', undefined],
    ["text/plain ; version=0.0.4 ; q=0.4 , application/json ; q=0.3", plain],
    // Prometheus 3, Prometheus 2, and one of its first.
    [
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      plain,
    ],
    [
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      plain,
    ],
    ["text/plain;version=0.0.4;q=1,*/*;q=0.1", plain],
  ];

  test.each(cases)("of %s is %s", (accept, preferred) => expect(prefer(accept)).toBe(preferred));
});

const token = fc.stringMatching(/^[a-z0-9.+-]{1,8}$/);
const type = fc.tuple(token, token).map(([kind, name]) => `${kind}/${name}`);
const typeOf = (text: string): MediaType => ({ type: text, parameters: new Map() });

describe("any header", () => {
  test("is read without a throw, and what is preferred is one of the offers", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from('a/*;=q01.", \\')) })),
        (accept) => {
          expect([undefined, json, plain]).toContain(prefer(accept));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("of the longest that a server takes is read in one go", () => {
    // Would not end if a gap could be read in several ways.
    for (const gap of [";  ", '"', '\\"', ",", "a/b;a=", '"\\']) {
      expect(prefer(`text/plain${gap.repeat(16_384 / gap.length)}!`)).toBeOneOf([undefined, json, plain]);
    }
  });

  test("gives the type of the greatest weight, whatever the order of its elements", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(type, fc.integer({ min: 1, max: 1000 })), {
          selector: ([text]) => text,
          minLength: 1,
          maxLength: 8,
        }),
        fc.infiniteStream(fc.nat()),
        (weighted, order) => {
          const shuffled = weighted
            .map((each) => ({ each, at: order.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ each }) => each);
          const accept = shuffled
            .map(([text, weight]) => `${text};q=${(weight / 1000).toFixed(3)}`)
            .join(", ");
          const offers = weighted.map(([text]) => ({ text, mediaType: typeOf(text) }));
          const most = Math.max(...weighted.map(([, weight]) => weight));
          const first = weighted.find(([, weight]) => weight === most)?.[0];
          expect(preferredOffer(accept, offers)?.text).toBe(first);
        },
      ),
    );
  });
});

describe("a media type", () => {
  test("has its parameters in small letters, quoted or not", () => {
    const read = parseMediaType('Text/Plain; Version="0.0.\\4" ; CHARSET=UTF-8;');
    expect(read).toEqual({
      type: "text/plain",
      parameters: new Map([
        ["version", "0.0.4"],
        ["charset", "utf-8"],
      ]),
    });
  });

  test.each([
    "",
    "text",
    "text/",
    "/plain",
    "text/plain/x",
    "text plain/x",
    "text/plain; =x",
    "text/plain x=y",
  ])("is not `%s`", (text) => expect(parseMediaType(text)).toBeUndefined());
});
