// The bench's side of a child process: started, asked one thing at a time, ended in every case.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { z } from "zod";
import { failure, type Question, readyReport } from "./messages.ts";

/** `Q`: what it answers. */
export interface Child<Q extends object = Question> {
  readonly ports: Readonly<Record<string, number>>;
  ask<T>(question: Q, answer: z.ZodType<T>): Promise<T>;
  /** Resolves when the process is gone. */
  end(): Promise<void>;
}

const living = new Set<ChildProcess>();

/** Starts the script and waits until it is ready. Its environment is the given one and nothing of ours. */
export async function startChild<Q extends object = Question>(
  script: URL,
  environment: Readonly<Record<string, string>> = {},
): Promise<Child<Q>> {
  const child = fork(script, {
    env: environment,
    execArgv: profilingArguments(script),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  living.add(child);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  void exited.then(() => living.delete(child));

  const answerTo = async <T>(send: () => void, answer: z.ZodType<T>): Promise<T> => {
    const said = await new Promise<unknown>((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`${nameOf(script)} ended with ${code}.`));
      child.once("exit", onExit);
      child.once("message", (message) => {
        child.off("exit", onExit);
        resolve(message);
      });
      send();
    });
    const failed = failure.safeParse(said);
    if (failed.success) throw new Error(`${nameOf(script)}: ${failed.data.message}`);
    return answer.parse(said);
  };

  const { ports } = await answerTo(() => {}, readyReport);
  return {
    ports,
    ask: (question, answer) => answerTo(() => child.send(question), answer),
    async end() {
      if (child.connected) child.disconnect();
      else child.kill();
      await exited;
    },
  };
}

/** For the way out of the bench, whatever the reason. */
export function endChildren(): void {
  for (const child of living) child.kill();
}

const nameOf = (script: URL): string => script.pathname.slice(script.pathname.lastIndexOf("/") + 1);

const profiled: ReadonlySet<string> = new Set(["gateway-process", "resilience-process"]);

/**
 * `BENCH_PROFILE=<folder>` writes a CPU profile of each process under test there, in a folder named as its script, when it ends:
 * for Chrome's or an editor's profile viewer.
 */
function profilingArguments(script: URL): string[] {
  const folder = process.env["BENCH_PROFILE"];
  const name = nameOf(script).replace(/\.ts$/, "");
  if (folder === undefined || !(profiled.has(name) || name.startsWith("baseline-"))) return [];
  return ["--cpu-prof", `--cpu-prof-dir=${join(folder, name)}`, "--cpu-prof-interval=200"];
}
