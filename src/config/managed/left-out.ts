// What of the stored configuration is left out, and why: one gateway's trouble with a row is no other row's.

import type { ConfigurationSource } from "../../core/snapshot.ts";
import { type Configuration, ConfigurationError } from "../configuration.ts";
import { messageOf } from "./refused-input.ts";

export class LeftOut {
  /** By what is left out. */
  readonly problems = new Map<string, string>();
  /** Those of the problems that are names declared too. */
  readonly clashes: string[] = [];
  readonly #declared: Configuration;

  constructor(declared: Configuration) {
    this.#declared = declared;
  }

  /** Gives what is read of a row; undefined: it is left out. */
  read<T>(what: "provider" | "route", name: string, reading: () => T): T | undefined {
    const declared = this.#declared[`${what}s`].find((each) => each.name === name);
    try {
      if (declared !== undefined) throw new ConfigurationError(clash(declared.source));
      return reading();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const problem = `The managed ${what} ${name} is left out: ${messageOf(error)}`;
      this.problems.set(`${what} ${name}`, problem);
      // The demo upstream stands in only as long as nothing is declared.
      if (declared !== undefined && declared.source !== "default") this.clashes.push(problem);
      return undefined;
    }
  }

  /** Its calls are served all the same. */
  embedder(route: string, provider: string): void {
    const problem =
      `The route ${route} answers no question by its meaning: ${provider}, which gives the vectors, is not there. ` +
      "Configure it, or change cache.semantic of the route.";
    this.problems.set(`embedder of ${route}`, problem);
  }

  targets(route: string, providers: readonly string[]): void {
    const unknown = providers.filter((provider) => !this.problems.has(`provider ${provider}`));
    const advice =
      unknown.length === 0
        ? ""
        : ` Nobody has configured ${unknown.join(", ")} here: do so, or change the route.`;
    const problem = `The route ${route} is without its targets at ${providers.join(", ")}.${advice}`;
    this.problems.set(`targets of ${route}`, problem);
  }
}

const clash = (source: ConfigurationSource): string =>
  `the name is also configured in ${places[source]}. Take it out there, or start without it there once and remove ` +
  "the managed one.";

const places = {
  environment: "the environment",
  file: "the file",
  default: "the demo upstream",
  library: "the process",
  managed: "the database",
} as const satisfies Record<ConfigurationSource, string>;
