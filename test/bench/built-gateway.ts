// The gateway as the image has it: built anew, so that nothing stale is measured, in a folder laid out as there.

import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const checkout = fileURLToPath(new URL("../../", import.meta.url));

export interface BuiltGateway {
  readonly main: string;
  /** A compile cache of its own, which the first start fills. */
  readonly environment: Readonly<Record<string, string>>;
}

let built: Promise<BuiltGateway> | undefined;

/** Builds it once, in the bench's folder. */
export function buildGateway(folder: string): Promise<BuiltGateway> {
  built ??= build(join(folder, "image"));
  return built;
}

async function build(image: string): Promise<BuiltGateway> {
  mkdirSync(image);
  copyFileSync(join(checkout, "package.json"), join(image, "package.json"));
  symlinkSync(join(checkout, "node_modules"), join(image, "node_modules"), "dir");
  const compiler = join(checkout, "node_modules", "typescript", "bin", "tsc");
  const project = join(checkout, "tsconfig.build.json");
  await run(process.execPath, [compiler, "--project", project, "--outDir", join(image, "dist")], {
    cwd: checkout,
  }).catch(tellFaults);
  return {
    main: join(image, "dist", "src", "main.js"),
    environment: { NODE_ENV: "production", NODE_COMPILE_CACHE: join(image, "compile-cache") },
  };
}

/** The compiler tells them on its standard output. */
function tellFaults(error: unknown): never {
  const told = error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
  throw new Error(`The gateway cannot be built: ${told.split("\n").slice(0, 5).join("\n")}`);
}
