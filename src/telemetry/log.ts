// Structured logs: one JSON line an event on standard output, with what could be a secret taken out.

import { pino } from "pino";

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const secretFields = ["apiKey", "authorization", "credential", "password", "secret", "token"];

export function createLog(level: string): Log {
  const logger = pino({
    level,
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: "[redacted]" },
    serializers: { error: pino.stdSerializers.err },
  });
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}
