// A file that only its owner may read, whole at every moment: the old one, or the new one.

import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { SetupError } from "./setup-error.ts";

const ownersOnly = 0o600;

/** A file that holds this text already is only taken from others' eyes. @throws SetupError */
export function writePrivateFile(file: string, text: string): void {
  try {
    // Where it is a link, what it leads to is written.
    const path = existsSync(file) ? realpathSync(file) : file;
    if (existsSync(path) && readFileSync(path, "utf8") === text) chmodSync(path, ownersOnly);
    else replace(path, text);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    throw new SetupError(
      `${file} cannot be written (${code}). Let this user write it and its folder, and run the set-up again.`,
      { cause: error },
    );
  }
}

function replace(path: string, text: string): void {
  const fresh = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    writeFileSync(fresh, text, { flag: "wx", mode: ownersOnly, flush: true });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
