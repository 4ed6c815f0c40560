import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEgressRule, hostAllowed } from "../../src/config/egress.ts";

const internet = createEgressRule([]);

describe("the egress rule", () => {
  it.each(["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])(
    "lets %s be asked",
    (address) => expect(internet(address)).toBe(true),
  );

  it.each([
    ["loopback", "127.0.0.1"],
    ["all of loopback", "127.255.255.254"],
    ["this host", "0.0.0.0"],
    ["this network", "0.1.2.3"],
    ["private", "10.0.0.1"],
    ["private", "172.16.0.1"],
    ["private", "192.168.1.1"],
    ["link-local, and metadata of most clouds", "169.254.169.254"],
    ["carrier-grade NAT, and metadata of Alibaba's", "100.100.100.200"],
    ["metadata of Oracle's", "192.0.0.192"],
    ["Azure's WireServer", "168.63.129.16"],
    ["multicast", "224.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["reserved", "240.0.0.1"],
    ["IPv6 loopback", "::1"],
    ["IPv6 unspecified", "::"],
    ["IPv6 link-local with its zone", "fe80::1%eth0"],
    ["IPv6 unique local, and metadata of AWS", "fd00:ec2::254"],
    ["mapped loopback", "::ffff:127.0.0.1"],
    ["mapped metadata, in hexadecimal", "::ffff:a9fe:a9fe"],
    ["NAT64 of metadata", "64:ff9b::a9fe:a9fe"],
    ["6to4 of a private address", "2002:a00:1::1"],
    ["Teredo", "2001:0:53aa:64c::1"],
    ["IPv4-compatible loopback", "::7f00:1"],
    ["IPv4-compatible metadata, as it may be written", "::169.254.169.254"],
    ["IPv6 multicast", "ff02::1"],
    ["no address", "example.com"],
    ["nothing", ""],
  ])("does not let %s be asked", (_, address) => expect(internet(address)).toBe(false));

  it("lets the networks be asked that configuration names, and no others", () => {
    const rule = createEgressRule(["10.1.0.0/16", "::1"]);
    expect(["10.1.2.3", "::ffff:10.1.2.3", "::1", "8.8.8.8"].map(rule)).toEqual([true, true, true, true]);
    expect(["10.2.0.1", "127.0.0.1", "169.254.169.254"].map(rule)).toEqual([false, false, false]);
  });

  it("judges an IPv4 address as it judges the same one mapped into IPv6", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(internet(`::ffff:${address}`)).toBe(internet(address));
      }),
    );
  });
});

describe("a URL's host", () => {
  it.each([
    ["http://127.0.0.1:11434", false],
    ["http://2130706433/", false],
    ["http://0x7f.1/", false],
    ["http://[::1]:80", false],
    ["http://localhost:8000", false],
    ["http://LOCALHOST./", false],
    ["http://model.localhost", false],
    ["https://8.8.8.8", true],
    ["https://api.openai.com/v1", undefined],
  ])("%s: %s", (url, expected) => expect(hostAllowed(new URL(url), internet)).toBe(expected));
});
