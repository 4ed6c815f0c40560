// The files of TLS: what the start asks of them, how long they are in force, and who may read the key.

import { X509Certificate } from "node:crypto";
import { stat } from "node:fs/promises";
import { ConfigurationError } from "../config/configuration.ts";
import type { Clock } from "../core/clock.ts";
import { readTlsFiles, type TlsSettings } from "../tls-files.ts";
import type { Check, Finding } from "./finding.ts";

const soonMs = 21 * 24 * 3_600 * 1_000;
const subject = "TLS";

export function checkTls(settings: TlsSettings, clock: Clock): Check {
  return {
    subject,
    async look() {
      try {
        const identity = readTlsFiles(settings);
        if (identity === undefined || settings.tlsKey === undefined) return [ok("Off: TLS_CERT is not set.")];
        const { cert, clientCa } = identity;
        return [
          inForce("The certificate", cert, clock),
          ...(clientCa === undefined ? [] : [inForce("The authority of clients", clientCa, clock)]),
          ...(await rightsOf(settings.tlsKey)),
        ];
      } catch (error) {
        if (error instanceof ConfigurationError) return [fail(error.message)];
        throw error;
      }
    },
  };
}

function inForce(what: string, pem: string | Buffer, clock: Clock): Finding {
  const { subject: name, validFrom, validTo } = new X509Certificate(pem);
  const named = `${what} (${name.split("\n").at(-1) ?? ""})`;
  const leftMs = Date.parse(validTo) - clock.epochMs();
  if (leftMs <= 0) return fail(`${named} ended on ${validTo}. Put a new one in its place.`);
  if (Date.parse(validFrom) > clock.epochMs()) {
    return fail(`${named} begins on ${validFrom} only. See that this machine's clock is right.`);
  }
  if (leftMs < soonMs) return warn(`${named} ends soon, on ${validTo}. Renew it, and start again.`);
  return ok(`${named} is good until ${validTo}.`);
}

async function rightsOf(keyFile: string): Promise<readonly Finding[]> {
  const { mode } = await stat(keyFile);
  if ((mode & 0o007) === 0) return [];
  return [warn(`Everybody on this machine may read the key. Run chmod o-rwx ${keyFile}.`)];
}

const ok = (text: string): Finding => ({ verdict: "ok", subject, text });
const warn = (text: string): Finding => ({ verdict: "warn", subject, text });
const fail = (text: string): Finding => ({ verdict: "fail", subject, text });
