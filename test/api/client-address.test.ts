// Who calls, when proxies stand between: what is believed, and how hard input ends.

import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  clientAddress,
  forwardingOf,
  parseAddress,
  seenThroughProxies,
} from "../../src/api/client-address.ts";
import type { Presented } from "../../src/core/access/access.ts";

const trusts = (address: string) => address.startsWith("10.") || address === "127.0.0.1";

describe("an address", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    [" 192.0.2.7 ", "192.0.2.7"],
    ["192.0.2.7:8443", "192.0.2.7"],
    ["2001:DB8::7", "2001:db8::7"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["[2001:db8::7]:443", "2001:db8::7"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::FFFF:c000:207", "192.0.2.7"],
    ["0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7"],
    ["[::ffff:192.0.2.7]:80", "192.0.2.7"],
  ])("%s is %s", (text, address) => expect(parseAddress(text)).toBe(address));

  test.each([
    "",
    "unknown",
    "_hidden",
    "192.0.2.7:",
    "192.0.2.7:port",
    "192.0.2.7%eth0",
    "192.0.2.256",
    "0x7f.1",
    "127.1",
    "[192.0.2.7]",
    "[::1",
    "::1]",
    "::1/128",
    '"[::1]"',
    "a".repeat(10_000),
  ])("%s is none", (text) => expect(parseAddress(text)).toBeUndefined());

  test("comes out as one, or not at all, whatever is sent", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        expect(address === undefined || isIP(address) !== 0).toBe(true);
        if (address !== undefined) expect(parseAddress(address)).toBe(address);
      }),
    );
  });
});

const chain = (length: number) => `203.0.113.9${", 10.0.0.2".repeat(length)}`;

describe("the client", () => {
  test.each([
    // A peer that is no proxy of ours may write what it likes.
    ["192.0.2.1", "203.0.113.9", "192.0.2.1"],
    ["10.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"],
    ["10.0.0.1", "127.0.0.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"],
    ["10.0.0.1", "203.0.113.9,10.0.0.2 , 10.0.0.3", "203.0.113.9"],
    ["10.0.0.1", "10.0.0.4, 10.0.0.2", "10.0.0.4"],
    ["10.0.0.1", "nonsense, 203.0.113.9:1234", "203.0.113.9"],
    ["10.0.0.1", "203.0.113.9, nonsense", undefined],
    ["10.0.0.1", "203.0.113.9,", undefined],
    ["10.0.0.1", ",10.0.0.2", undefined],
    ["10.0.0.1", "", undefined],
    ["10.0.0.1", ",", undefined],
  ])("behind %s, told %j, is %s", (peer, forwardedFor, client) => {
    expect(clientAddress(peer, forwardedFor, trusts)).toBe(client);
  });

  test("is not looked for through more proxies than there can be", () => {
    expect(clientAddress("10.0.0.1", chain(31), trusts)).toBe("203.0.113.9");
    let asked = 0;
    const counting = (address: string) => {
      asked += 1;
      return trusts(address);
    };
    expect(clientAddress("10.0.0.1", chain(1_000), counting)).toBeUndefined();
    expect(asked).toBeLessThan(50);
  });

  test("is never one that only an untrusted hop told of", () => {
    const entry = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constant("10.0.0.2"));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const client = clientAddress("10.0.0.1", [...entries, "203.0.113.9"].join(","), trusts);
        expect(client).toBe("203.0.113.9");
      }),
    );
  });
});

const headers = (sent: Readonly<Record<string, string>>) => (name: string) => sent[name];

const presented = (sent: Readonly<Record<string, string>>, remoteAddress = "10.0.0.1"): Presented => ({
  credential: undefined,
  remoteAddress,
  host: "inner:8080",
  origin: undefined,
  forwarding: forwardingOf(headers(sent)),
});

describe("a forwarded call", () => {
  const whole = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-host": "made-up.test, api.example.com",
    "x-forwarded-proto": "http, HTTPS",
  };

  test("is told by any of the headers that proxies write", () => {
    expect(forwardingOf(headers({}))).toBeUndefined();
    for (const name of [...Object.keys(whole), "forwarded", "via", "x-real-ip"]) {
      expect(forwardingOf(headers({ [name]: "" }))).toBeDefined();
    }
  });

  test("is seen as the first trusted proxy saw it", () => {
    expect(seenThroughProxies(presented(whole), trusts)).toEqual({
      credential: undefined,
      remoteAddress: "203.0.113.9",
      host: "api.example.com",
      origin: undefined,
      secure: true,
      forwarding: undefined,
    });
    expect(
      seenThroughProxies(presented({ "x-forwarded-for": "203.0.113.9" }, "::ffff:10.0.0.1"), trusts),
    ).toMatchObject({
      remoteAddress: "203.0.113.9",
      host: "inner:8080",
      forwarding: undefined,
    });
  });

  test.each([
    ["from a peer that is not trusted", presented(whole, "192.0.2.1")],
    ["without the client's address", presented({ "x-forwarded-host": "api.example.com" })],
    ["that tells of itself in words that are not believed", presented({ forwarded: "for=203.0.113.9" })],
    ["whose chain is broken", presented({ "x-forwarded-for": "203.0.113.9, unknown" })],
  ])("%s stays one that nobody has vouched for", (_, shown) => {
    expect(seenThroughProxies(shown, trusts)).toBe(shown);
    expect(shown.forwarding).toBeDefined();
  });
});
