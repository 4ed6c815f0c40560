// Does with folders what an engine does with the Dockerfile: each stage is a folder, COPY copies into it, RUN
// runs in it. What it cannot do is pull the base images: this machine's Node stands for theirs.

import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { once } from "node:events";
import { basename, join } from "node:path";
import type { ImageStage, Instruction } from "./dockerfile.ts";

const checkout = join(import.meta.dirname, "..", "..", "..");

interface StageFolder {
  /** What is `/` in the stage. */
  readonly root: string;
  workdir: string;
}

/** Resolves with the folder that is the last stage's `/`. */
export async function layOutImage(stages: readonly ImageStage[], folder: string): Promise<string> {
  const made = new Map<string, StageFolder>();
  let last = "";
  for (const [i, stage] of stages.entries()) {
    const root = join(folder, stage.name || `stage-${i}`);
    mkdirSync(root);
    const at: StageFolder = { root, workdir: "/" };
    for (const instruction of stage.instructions) await follow(instruction, at, made);
    made.set(stage.name, at);
    last = root;
  }
  mkdirSync(join(last, "nodejs", "bin"), { recursive: true });
  cpSync(process.execPath, join(last, "nodejs", "bin", "node"));
  return last;
}

async function follow(
  instruction: Instruction,
  at: StageFolder,
  made: ReadonlyMap<string, StageFolder>,
): Promise<void> {
  const { keyword, rest, flags } = instruction;
  if (keyword === "WORKDIR") {
    at.workdir = rest;
    mkdirSync(join(at.root, rest), { recursive: true });
  } else if (keyword === "RUN") {
    await run(rest, join(at.root, at.workdir));
  } else if (keyword === "COPY") {
    const from = flags["from"];
    const source = from === undefined ? checkout : made.get(from)?.root;
    if (source === undefined) throw new Error(`COPY --from=${from}: there is no such stage.`);
    copy(rest.split(/\s+/), { source, at, owner: flags["chown"] });
  }
}

function copy(
  words: readonly string[],
  options: { readonly source: string; readonly at: StageFolder; readonly owner: string | undefined },
): void {
  const { source, at, owner } = options;
  const written = words.at(-1) ?? "";
  const to = join(at.root, written.startsWith("/") ? written : join(at.workdir, written));
  for (const name of words.slice(0, -1)) {
    const from = join(source, name);
    // A folder is copied by what is in it, a file into a folder that is named with a slash.
    if (statSync(from).isDirectory()) copyFolder(from, to);
    else cpSync(from, written.endsWith("/") ? join(to, basename(name)) : to);
    if (owner !== undefined)
      giveAway(
        readdirSync(from).map((entry) => join(to, entry)),
        owner,
      );
  }
}

/** By hard links within the folder of the test: 10,000 files are copied in seconds, not in a quarter of a minute. */
function copyFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target);
    else if (entry.isFile()) linkOrCopy(source, target);
    else cpSync(source, target, { verbatimSymlinks: true });
  }
}

function linkOrCopy(source: string, target: string): void {
  if (source.startsWith(checkout)) cpSync(source, target);
  else linkSync(source, target);
}

function giveAway(paths: readonly string[], owner: string): void {
  const [user = "", group = ""] = owner.split(":");
  // Without root this machine's user runs the image too, so that it owns what it has to own.
  for (const path of paths) if (process.getuid?.() === 0) chownSync(path, Number(user), Number(group));
}

async function run(command: string, cwd: string): Promise<void> {
  if (command === "npm ci") {
    // The same lockfile has filled the checkout's.
    symlinkSync(join(checkout, "node_modules"), join(cwd, "node_modules"));
    return;
  }
  const npmOffline = { npm_config_prefer_offline: "true", npm_config_audit: "false" };
  const env = { ...process.env, ...npmOffline };
  const child = spawn("sh", ["-c", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (piece: Buffer) => (said += piece.toString()));
  }
  const [code]: unknown[] = await once(child, "close");
  if (code !== 0) throw new Error(`RUN ${command} failed:\n${said}`);
}

/** Nobody writes there, as in a container with a read-only root. */
export function makeReadOnly(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || entry.isFile()) chmodSync(path, statSync(path).mode & 0o555);
  }
  chmodSync(folder, 0o555);
}

export function makeWritable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
}
