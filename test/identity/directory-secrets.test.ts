import { createHmac, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createKeyRing } from "../../src/config/secret/key-ring.ts";
import type { ServerSecret } from "../../src/config/secret/server-secret.ts";
import { parseApiKey } from "../../src/identity/api-key-format.ts";
import { clientSecretPurpose, createDirectorySecrets } from "../../src/identity/directory-secrets.ts";
import { apiKeyHashPurpose, isOneOf, possibleHashes } from "../../src/identity/keys/key-hashes.ts";
import { secretOf } from "./directory-fixture.ts";

const text = "a secret of the server, thirty-two bytes";
const create = (secret: ServerSecret = secretOf(text)) =>
  createDirectorySecrets({
    keys: createKeyRing(secret, apiKeyHashPurpose),
    sealingKeys: createKeyRing(secret, clientSecretPurpose),
  });

describe("a new API key", () => {
  it("is well-formed, never the same, and kept as HMAC-SHA-256 under a key of that purpose", () => {
    const { secret, prefix, hash } = create().newApiKey("test");
    expect(parseApiKey(secret)).toEqual({ environment: "test", prefix });
    const derived = Buffer.from(hkdfSync("sha256", text, "", `sluice/${apiKeyHashPurpose}`, 32));
    expect(hash.hash).toBe(createHmac("sha256", derived).update(secret).digest("hex"));
    expect(hash.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(create().newApiKey("test").secret).not.toBe(secret);
  });

  it("is known by its hash under the server's secret and under the one before it", () => {
    const { secret, hash } = create().newApiKey("live");
    const changed = createKeyRing(secretOf("another secret of thirty-two bytes", text), apiKeyHashPurpose);
    const possible = possibleHashes(secret, changed);
    expect(possible).toHaveLength(2);
    expect(possible[1]).toEqual(hash);
    expect(isOneOf(hash, possible)).toBe(true);
    expect(isOneOf({ ...hash, hash: hash.hash.replace(/^./, "x") }, possible)).toBe(false);
    expect(isOneOf({ ...hash, hash: hash.hash.slice(1) }, possible)).toBe(false);
    expect(isOneOf({ ...hash, keyId: "0".repeat(16) }, possible)).toBe(false);
    expect(isOneOf(undefined, possible)).toBe(false);
  });

  it("makes the server's secret where there is none, and looking one up does not", () => {
    let kept: string | undefined;
    const secret: ServerSecret = { current: () => (kept ??= text), known: () => kept, previous: [] };
    const keys = createKeyRing(secret, apiKeyHashPurpose);
    expect(possibleHashes("slc_live_x", keys)).toEqual([]);
    const secrets = create(secret);
    expect(kept).toBeUndefined();
    const made = secrets.newApiKey("live");
    expect(kept).toBe(text);
    expect(possibleHashes(made.secret, keys)).toEqual([made.hash]);
  });
});

describe("a password", () => {
  it("is kept as argon2id with OWASP's parameters, and known again", async () => {
    const secrets = create();
    const hash = await secrets.hashPassword("correct horse", "red");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await secrets.verifyPassword("correct horse", hash, "red")).toBe(true);
    expect(await secrets.verifyPassword("correct horsf", hash, "red")).toBe(false);
    expect(await secrets.hashPassword("correct horse", "red")).not.toBe(hash);
  });

  it("is the same however its accents are written", async () => {
    const secrets = create();
    const hash = await secrets.hashPassword("caf\u00e9", "red");
    expect(await secrets.verifyPassword("cafe\u0301", hash, "red")).toBe(true);
  });

  it("is not waited for where five and twenty others of one's own wait, which hold up nobody else", async () => {
    const secrets = create();
    const ended: string[] = [];
    const verify = async (askedBy: string) => {
      try {
        await secrets.verifyPassword("x", "no hash at all", askedBy);
      } finally {
        ended.push(askedBy);
      }
    };
    const flood = Array.from({ length: 1_000 }, () => verify("tenant red"));
    const asked = await Promise.allSettled([...flood, verify("address 192.0.2.1")]);
    const codes = asked.map((outcome) => outcome.status === "rejected" && outcome.reason.code);
    // Two are under way.
    expect(codes.map((code) => code === "overloaded")).toEqual(codes.map((_, i) => i >= 27 && i < 1_000));
    // After those that were refused, those under way, and the first that waited.
    expect(ended.indexOf("address 192.0.2.1")).toBeLessThan(1_000 - 27 + 5);
  });
});

describe("a client secret", () => {
  it("opens for its tenant's sign-on alone", () => {
    const secrets = create();
    const sealed = secrets.sealClientSecret("s3cret", "red");
    expect(Buffer.from(sealed.ciphertext).includes("s3cret")).toBe(false);
    expect(secrets.openClientSecret(sealed, "red")).toBe("s3cret");
    expect(() => secrets.openClientSecret(sealed, "blue")).toThrow("moved there from elsewhere");
  });

  it("opens after a change of the server's secret, as long as the one before it is known", () => {
    const sealed = create().sealClientSecret("s3cret", "red");
    const next = "another secret of thirty-two bytes";
    expect(create(secretOf(next, text)).openClientSecret(sealed, "red")).toBe("s3cret");
    expect(() => create(secretOf(next)).openClientSecret(sealed, "red")).toThrow("SLUICE_SECRET_PREVIOUS");
  });
});
