// Certificates for a test, made by openssl: an authority, a server's for localhost, a client's.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificates {
  readonly folder: string;
  readonly path: (name: string) => string;
  readonly pem: (name: string) => Buffer;
}

/** Files `ca.pem`, `server.pem`, `client.pem`, each with its `.key`, and `stranger.pem` of another authority. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "sluice-tls-"));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) =>
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  writeFileSync(path("server.cnf"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  for (const name of ["ca", "stranger"]) {
    openssl(
      "req",
      "-x509",
      ...newKey,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
    );
  }
  for (const name of ["server", "client"]) {
    openssl("req", ...newKey, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    const signed = [
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
    ];
    openssl("x509", ...signed, "-extfile", "server.cnf", "-out", `${name}.pem`);
  }
  return { folder, path, pem: (name) => readFileSync(path(name)) };
}
