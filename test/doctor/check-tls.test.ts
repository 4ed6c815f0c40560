import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import { checkTls } from "../../src/doctor/check-tls.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { systemClock } from "../../src/system-clock.ts";
import type { TlsSettings } from "../../src/tls-files.ts";
import { makeCertificates } from "../api/make-certificates.ts";

const files = makeCertificates();
afterAll(() => rmSync(files.folder, { recursive: true }));
chmodSync(files.path("server.key"), 0o600);

const none: TlsSettings = { tlsCert: undefined, tlsKey: undefined, tlsClientCa: undefined };
const pair: TlsSettings = { ...none, tlsCert: files.path("server.pem"), tlsKey: files.path("server.key") };
const after = (days: number): Clock => ({
  ...systemClock,
  epochMs: () => systemClock.epochMs() + days * 86_400_000,
});
const look = (settings: TlsSettings, clock: Clock = systemClock): Promise<readonly Finding[]> =>
  checkTls(settings, clock).look(new AbortController().signal);

describe("the files of TLS", () => {
  it("are off without a certificate", async () => {
    expect(await look(none)).toMatchObject([{ verdict: "ok", text: "Off: TLS_CERT is not set." }]);
  });

  it("are good long before their end, soon to be renewed near it, of no use after it and before their time", async () => {
    // They are made for two days.
    expect(await look(pair, after(-30))).toMatchObject([
      { verdict: "fail", text: expect.stringMatching(/^The certificate \(CN=server\) begins on .+ only\./) },
    ]);
    expect(await look(pair)).toMatchObject([
      { verdict: "warn", text: expect.stringContaining("ends soon, on") },
    ]);
    expect(await look(pair, after(3))).toMatchObject([
      { verdict: "fail", text: expect.stringContaining("ended on") },
    ]);
  });

  it("include the authority of clients", async () => {
    const found = await look({ ...pair, tlsClientCa: files.path("ca.pem") });
    expect(found).toMatchObject([{ verdict: "warn" }, { verdict: "warn" }]);
    expect(found[1]?.text).toContain("The authority of clients (CN=ca)");
  });

  it("are told to be wrong as the start would tell it", async () => {
    expect(await look({ ...pair, tlsKey: files.path("ca.key") })).toMatchObject([
      { verdict: "fail", text: expect.stringContaining("is not that of the first certificate") },
    ]);
    expect(await look({ ...pair, tlsKey: undefined })).toMatchObject([{ verdict: "fail" }]);
  });

  it("warn of a key that everybody may read", async () => {
    writeFileSync(files.path("open.key"), files.pem("server.key"));
    chmodSync(files.path("open.key"), 0o644);
    const found = await look({ ...pair, tlsKey: files.path("open.key") });
    expect(found.at(-1)).toMatchObject({ verdict: "warn", text: expect.stringContaining("Run chmod o-rwx") });
  });
});
