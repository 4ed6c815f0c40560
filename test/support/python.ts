// Python and one of its packages, for judges that only Python has.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface PythonRun {
  /** 0 when all is well. */
  readonly code: unknown;
  readonly output: string;
}

/**
 * The interpreter of a virtual environment with the package, kept for the next run.
 * @throws Error when there is no Python 3 with venv, or the package cannot be installed
 */
export async function pythonWith(name: string, version: string): Promise<string> {
  const cache = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));
  const folder = join(cache, `python-${name}-${version}`);
  const interpreter = join(folder, "bin", "python");
  const installed = join(folder, "installed");
  if (existsSync(installed)) return interpreter;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const steps: [string, readonly string[]][] = [
    ["python3", ["-m", "venv", folder]],
    [
      interpreter,
      [..."-m pip install --quiet --disable-pip-version-check --no-input".split(" "), `${name}==${version}`],
    ],
  ];
  for (const [file, args] of steps) {
    const { code, output } = await run(file, args);
    if (code === 0) continue;
    throw new Error(
      `This test needs python3 with venv and pip, and the package ${name} ${version} from the package index. ` +
        `\`${file} ${args.join(" ")}\` ended with ${String(code)}:\n${output}`,
    );
  }
  writeFileSync(installed, "");
  return interpreter;
}

/** Runs a program to its end; `input` is what it reads. */
export function run(file: string, args: readonly string[], input = ""): Promise<PythonRun> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { timeout: 200_000 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      resolve(error === null ? { code: 0, output } : { code: error.code ?? error.signal, output });
    });
    child.stdin?.end(input);
  });
}
