import { expect, test } from "vitest";
import { addressBlock } from "../../src/identity/address-block.ts";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::ffff:cb00:7107", "203.0.113.7"],
])("an IPv4 address stands for itself: %s", (address, block) => {
  expect(addressBlock(address)).toBe(block);
});

test("IPv6 addresses of one /64 are one block, and those of the next are another", () => {
  const block = addressBlock("2001:db8:1:2::1");
  expect(addressBlock("2001:db8:1:2:ffff:ffff:ffff:ffff")).toBe(block);
  expect(addressBlock("2001:0DB8:0001:0002:0:0:0:7%eth0")).toBe(block);
  expect(addressBlock("2001:db8:1:3::1")).not.toBe(block);
});

test.each([
  [undefined, ""],
  ["", ""],
  ["/run/sluice.sock", "/run/sluice.sock"],
  ["::nowhere", "::nowhere"],
])("%j is no address, and stands for itself", (address, block) => {
  expect(addressBlock(address)).toBe(block);
});
