// The import rules of the README's layout, held by reading every import of every source file.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

interface Import {
  readonly from: string;
  /** A path from the checkout for our own files, else the package's or module's name. */
  readonly to: string;
}

const sourceFiles = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

const importPattern =
  /(?:^|\s|;)(?:import|export)\s[^'"`;]*?from\s*["']([^"']+)["']|(?<![\w."'])import\(?\s*["']([^"']+)["']/g;

const importsOf = (file: string): Import[] =>
  [...readFileSync(join(root, file), "utf8").matchAll(importPattern)].flatMap((match) => {
    const specifier = match[1] ?? match[2];
    if (specifier === undefined) return [];
    const to = specifier.startsWith(".") ? relative(root, join(root, dirname(file), specifier)) : specifier;
    return [{ from: file, to }];
  });

const imports = [...sourceFiles("src"), ...sourceFiles("test")].flatMap(importsOf);
const isOurs = (to: string) => to.startsWith("src/") || to.startsWith("test/") || to.startsWith("generated/");
/** What front ends share stands directly in src/api. */
const shared = (to: string) => /^src\/api\/[^/]+\.ts$/.test(to);
const under = (folder: string) => (path: string) => path.startsWith(`${folder}/`);

/** The imports of a folder that none of the allowed prefixes covers. */
const offending = (folder: string, isAllowed: (to: string) => boolean): string[] =>
  imports
    .filter(({ from, to }) => under(folder)(from) && !isAllowed(to))
    .map(({ from, to }) => `${from} imports ${to}`);

/** The files outside the folders that import a package. */
const importersOf = (isPackage: (to: string) => boolean, ...folders: string[]): string[] =>
  imports
    .filter(
      ({ from, to }) => from.startsWith("src/") && isPackage(to) && !folders.some((f) => under(f)(from)),
    )
    .map(({ from, to }) => `${from} imports ${to}`);

/** The one bench that measures decoding itself. */
const isMeasured = (offence: string): boolean => offence.startsWith("test/bench/decoded-formats.ts imports ");

describe("imports", () => {
  it("are found at all", () => {
    expect(imports.length).toBeGreaterThan(200);
    expect(imports).toContainEqual({ from: "src/core/call.ts", to: "src/core/errors.ts" });
  });

  it("of core are core's own: no package, no module of Node", () => {
    expect(offending("src/core", under("src/core"))).toEqual([]);
  });

  it.each(["src/providers", "src/db", "src/telemetry", "src/config"])(
    "of %s are its own, core's and packages",
    (folder) => {
      expect(offending(folder, (to) => !isOurs(to) || under(folder)(to) || under("src/core")(to))).toEqual(
        [],
      );
    },
  );

  it("of what tells who callers are, and of stores, are their own, core's and packages", () => {
    // Keys are derived from the server's secret.
    const allowed = ["src/identity", "src/core", "src/config/secret"].map(under);
    expect(offending("src/identity", (to) => !isOurs(to) || allowed.some((is) => is(to)))).toEqual([]);
    expect(
      offending("src/stores", (to) => !isOurs(to) || under("src/stores")(to) || under("src/core")(to)),
    ).toEqual([]);
  });

  it("of the demo upstream are its own and Node's", () => {
    expect(offending("src/demo", (to) => under("src/demo")(to) || to.startsWith("node:"))).toEqual([]);
  });

  it.each(["rpc", "graphql", "openai", "auth", "plain"])(
    "of the front end %s reach no other front end, provider or database",
    (name) => {
      const folder = `src/api/${name}`;
      const allowed = (to: string) =>
        !isOurs(to) ||
        under(folder)(to) ||
        under("src/core")(to) ||
        shared(to) ||
        (name === "rpc" && under("generated")(to));
      expect(offending(folder, allowed)).toEqual([]);
    },
  );

  it("of an adapter reach no other adapter", () => {
    const adapters = new Set(
      imports.flatMap(({ from }) => /^src\/providers\/([^/]+)\//.exec(from)?.[1] ?? []),
    );
    // What several adapters share.
    for (const shared of ["upstream", "claude", "catalog"]) adapters.delete(shared);
    for (const adapter of adapters) {
      const others = [...adapters].filter((other) => other !== adapter);
      const reaches = (to: string) => others.some((other) => under(`src/providers/${other}`)(to));
      expect(offending(`src/providers/${adapter}`, (to) => !reaches(to))).toEqual([]);
    }
  });

  it("keep each library in its folder", () => {
    expect(
      importersOf((to) => to.startsWith("@connectrpc/") || under("generated")(to), "src/api/rpc", "src/cli"),
    ).toEqual([]);
    expect(importersOf((to) => to.startsWith("@mikro-orm/"), "src/db")).toEqual([]);
    expect(
      importersOf((to) => /^(graphql|@pothos\/|@graphql-yoga\/)/.test(to), "src/api/graphql", "src/cli"),
    ).toEqual([]);
    expect(importersOf((to) => to === "undici", "src/providers/upstream")).toEqual([]);
    expect(importersOf((to) => to.startsWith("@redis/"), "src/stores")).toEqual([]);
    expect(importersOf((to) => /^(jose|openid-client|@node-rs\/)/.test(to), "src/identity")).toEqual([]);
  });

  it("of the demo upstream's tests and the benches reach no provider, but where decoding itself is measured", () => {
    const reaching = offending("test/bench", (to) => !under("src/providers")(to));
    expect(reaching.filter((each) => !isMeasured(each))).toEqual([]);
    expect(offending("test/demo", (to) => !under("src/providers")(to))).toEqual([]);
  });

  it("of the composition root are made by nobody but the process, the set-up and tests", () => {
    const importers = imports.filter(({ from, to }) => from.startsWith("src/") && to === "src/gateway.ts");
    expect(importers.map(({ from }) => from).toSorted()).toEqual(["src/setup.ts", "src/start-process.ts"]);
  });
});
