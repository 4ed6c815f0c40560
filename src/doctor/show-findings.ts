// Findings as lines for a terminal.

import type { Finding } from "./finding.ts";

const longestText = 500;

/** One line each. What vendors say is foreign text: no secret and no control character of it gets through. */
export function showFindings(findings: readonly Finding[], secrets: readonly string[]): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  return findings
    .map(({ verdict, subject, text }) => {
      const shown = printable(withoutSecrets(text, secrets)).slice(0, longestText);
      return `${verdict.padEnd(4)}  ${subject.padEnd(width)}  ${shown}\n`;
    })
    .join("");
}

/** Shorter ones would take ordinary words out. */
const shortestSecret = 4;

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret.length >= shortestSecret)
    .reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);

const printable = (text: string): string => text.replaceAll(/\p{Cc}+/gu, " ");
