// A secret in a file that only its owner may read.

import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigurationError } from "../configuration.ts";
import { secretMinBytes } from "./secret-length.ts";

/** Undefined: there is no such file. @throws ConfigurationError */
export function readSecretFile(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw fault(file, `cannot be read (${codeOf(error)}). Let the gateway's user read it`, error);
  }
  if (Buffer.byteLength(text) >= secretMinBytes) return text;
  throw fault(file, `holds less than ${secretMinBytes} bytes. Put back what it held`);
}

/**
 * Another process may make it at the same time: one of them does, and both have the same. @throws ConfigurationError
 */
export function makeSecretFile(file: string): string {
  const fresh = `${file}.${randomBytes(8).toString("hex")}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, `${randomBytes(32).toString("base64url")}\n`, {
      flag: "wx",
      mode: 0o600,
      flush: true,
    });
    try {
      // Under its name it is whole from the first moment, and never replaced.
      linkSync(fresh, file);
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    } finally {
      rmSync(fresh);
    }
  } catch (error) {
    throw fault(file, `cannot be made (${codeOf(error)}). Let the gateway's user write there`, error);
  }
  const made = readSecretFile(file);
  if (made === undefined) throw fault(file, "was removed while it was made. Start again");
  return made;
}

const fault = (file: string, text: string, cause?: unknown): ConfigurationError =>
  new ConfigurationError(`The secret in ${file} ${text}, or set SLUICE_SECRET.`, { cause });

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
