// The certificate and the keys that the operator names, read and looked at before a port opens.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { TlsIdentity } from "./api/http-server.ts";
import { ConfigurationError, type Settings } from "./config/configuration.ts";

export type TlsSettings = Pick<Settings, "tlsCert" | "tlsKey" | "tlsClientCa">;

/**
 * Undefined when no certificate is named: both ports then speak plain text.
 * @throws ConfigurationError for a file that is missing or not what it should be, and for half a pair
 */
export function readTlsFiles({ tlsCert, tlsKey, tlsClientCa }: TlsSettings): TlsIdentity | undefined {
  if (tlsCert === undefined || tlsKey === undefined) {
    if (tlsCert !== undefined) throw missing("TLS_KEY", "TLS_CERT");
    if (tlsKey !== undefined) throw missing("TLS_CERT", "TLS_KEY");
    if (tlsClientCa !== undefined) throw missing("TLS_CERT and TLS_KEY", "TLS_CLIENT_CA");
    return undefined;
  }
  const certFile = { variable: "TLS_CERT", path: tlsCert, pem: readPem("TLS_CERT", tlsCert) };
  const keyFile = { variable: "TLS_KEY", path: tlsKey, pem: readPem("TLS_KEY", tlsKey) };
  const certificate = certificateIn(certFile);
  if (!certificate.checkPrivateKey(privateKeyIn(keyFile))) {
    throw new ConfigurationError(
      `TLS_KEY: the key in ${tlsKey} is not that of the first certificate in ${tlsCert} (TLS_CERT). ` +
        "Put the server's own certificate first, before those of its chain.",
    );
  }
  const identity = { cert: certFile.pem, key: keyFile.pem };
  if (tlsClientCa === undefined) return identity;
  const clientCa = readPem("TLS_CLIENT_CA", tlsClientCa);
  certificateIn({ variable: "TLS_CLIENT_CA", path: tlsClientCa, pem: clientCa });
  return { ...identity, clientCa };
}

interface PemFile {
  readonly variable: string;
  readonly path: string;
  readonly pem: Buffer;
}

const missing = (name: string, given: string): ConfigurationError =>
  new ConfigurationError(`${given} needs ${name}. Set ${name}, or take ${given} out.`);

function readPem(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new ConfigurationError(`${variable}: the file ${path} cannot be read (${reason}).`);
  }
}

function certificateIn({ variable, path, pem }: PemFile): X509Certificate {
  // The class takes the binary form too, which the servers do not.
  if (pem.includes("-----BEGIN CERTIFICATE-----")) {
    try {
      return new X509Certificate(pem);
    } catch {
      // Told below.
    }
  }
  throw new ConfigurationError(`${variable}: the file ${path} holds no certificate in PEM form.`);
}

function privateKeyIn({ variable, path, pem }: PemFile): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigurationError(
      `${variable}: the file ${path} holds no private key in PEM form, or one that is locked by a password.`,
    );
  }
}
