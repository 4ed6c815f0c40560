// Structured logs: one JSON line an event on standard output, with what could be a secret taken out.

import { pino } from "pino";

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const secretFields = ["apiKey", "authorization", "credential", "password", "secret", "token"];

/** What JSON may hold as it is, and some readers take for the end of a line or a terminal for an order. */
const unescaped = /[\u007f-\u009f\u2028\u2029]/g;

const inOneLine = (line: string): string =>
  line.replaceAll(unescaped, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);

export function createLog(level: string): Log {
  const logger = pino({
    level,
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: "[redacted]" },
    serializers: { error: pino.stdSerializers.err },
    hooks: { streamWrite: inOneLine },
  });
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}
