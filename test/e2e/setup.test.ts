// The first run, as somebody with a fresh checkout has it: every printed call is pasted as it is.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../support/python.ts";
import { freePorts, setupFolder, type SetupFolder } from "./setup-folder.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-setup-"));
const fresh = (): SetupFolder => setupFolder(mkdtempSync(join(root, "s-")));
const ada = ["--admin-email", "ada@example.com"];
let running: ChildProcess | undefined;
afterAll(async () => {
  await stop();
  rmSync(root, { recursive: true });
});

const envOf = ({ folder }: SetupFolder): string => readFileSync(join(folder, ".env"), "utf8");
const modeOf = ({ folder }: SetupFolder, file: string): number => statSync(join(folder, file)).mode & 0o777;

const madeIn = ({ folder }: SetupFolder): readonly string[] =>
  [".env", "sluice.db", ".sluice"].filter((name) => existsSync(join(folder, name)));

function rowsOf({ folder }: SetupFolder, sql: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(join(folder, "sluice.db"), { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

/** The gateway as `npm start` starts it: its ports are those of `.env`. */
async function start({ folder, environment }: SetupFolder): Promise<void> {
  const child = spawn(process.execPath, ["src/main.ts"], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  running = child;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes("Sluice is ready.")) continue;
    child.stdout.resume();
    return;
  }
  throw new Error("The gateway ended before it was ready.");
}

async function stop(): Promise<void> {
  if (running === undefined) return;
  const ended = once(running, "exit");
  running.kill("SIGTERM");
  running = undefined;
  await ended;
}

const refused = (said: string) => ({ code: 1, out: "", errors: expect.stringContaining(said) });

/** On a terminal, each step a text that is waited for and what is typed then. */
const answered = async (place: SetupFolder, steps: readonly (readonly [string, string])[], over = {}) =>
  run(
    "python3",
    [join(import.meta.dirname, "on_a_terminal.py")],
    JSON.stringify({
      argv: [process.execPath, "src/setup.ts"],
      cwd: place.folder,
      env: { ...place.environment, ...over },
      steps,
    }),
  );

/** The commands of what the set-up shows, each whole. */
const commandsOf = (shown: string): readonly string[] =>
  [...shown.matchAll(/^ {2}(?:curl|npx) (?:.*\\\n)*.*$/gm)].map(([command]) => command);

describe("a first run by flags", () => {
  const place = fresh();
  const written =
    "# mine, keep it\nLOG_LEVEL='warn' # less of it\n\nexport GROQ_MODEL=m\nSHUTDOWN_DELAY_SECONDS=0\n";
  let [httpPort, grpcPort] = ["", ""];
  let shown = "";
  let key = "";

  beforeAll(async () => {
    [httpPort, grpcPort] = await freePorts();
    writeFileSync(join(place.folder, ".env"), written, { mode: 0o644 });
    const ended = await place.setup([...ada, "--http-port", httpPort, "--grpc-port", grpcPort]);
    expect(ended).toMatchObject({ code: 0, errors: "" });
    shown = ended.out;
    key = /^ {2}key +(\S+)$/m.exec(shown)?.[1] ?? "";
  });

  it("keeps what .env has, adds what was said, and lets nobody else read it", () => {
    const text = envOf(place);
    expect(text.startsWith(written)).toBe(true);
    expect(parseEnv(text)).toEqual({
      ...parseEnv(written),
      HTTP_PORT: httpPort,
      GRPC_PORT: grpcPort,
      AUTH_REQUIRED: "true",
    });
    expect(text).toContain("\n# OPENAI_API_KEY=\n");
    expect(modeOf(place, ".env")).toBe(0o600);
    expect(modeOf(place, ".sluice/secret")).toBe(0o600);
    expect(modeOf(place, "sluice.db") & 0o007).toBe(0);
  });

  describe("while the gateway runs", () => {
    beforeAll(() => start(place));
    afterAll(() => stop());

    it("the calls that it shows work as they stand there, and not without their key", async () => {
      const commands = commandsOf(shown);
      const outputs: string[] = [];
      for (const command of commands) {
        const { code, out, errors } = await place.run("bash", ["--norc", "-euo", "pipefail", "-c", command]);
        expect({ command, code, errors }).toEqual({ command, code: 0, errors: "" });
        outputs.push(out);
      }
      expect(outputs).toEqual([
        expect.stringMatching(/"object":"chat\.completion".*"finish_reason":"stop"/s),
        expect.stringMatching(/"provider":"demo"/),
        expect.stringMatching(/"partDelta".*"reason":\s*"FINISH_REASON_STOP"/s),
        expect.stringMatching(/^\{"data":\{"apiKeys":\{"edges":\[\{"node":\{"name":"Made by setup"/),
      ]);
      for (const command of commands) {
        const without = command.replaceAll(/(?:-H|--header) "[^"]*(?:\$\([^)]*\))?[^"]*"/g, "");
        expect(without).not.toContain(key);
        const { out, errors } = await place.run("bash", ["--norc", "-c", without]);
        expect(`${out}${errors}`).toMatch(/"code":\s*"unauthenticated"|"code":"invalid_api_key"/);
      }
      const answer = await fetch(`http://127.0.0.1:${httpPort}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"messages": [{"role": "user", "content": "Hello"}]}',
      });
      expect(answer.status).toBe(401);
    });

    it("the password that it shows logs in", async () => {
      const password = /^ {2}password +(\S+)$/m.exec(shown)?.[1];
      const answer = await fetch(`http://127.0.0.1:${httpPort}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          query:
            'mutation ($password: String!) { logIn(email: "ada@example.com", password: $password) { __typename } }',
          variables: { password },
        }),
      });
      expect(await answer.json()).toEqual({ data: { logIn: { __typename: "StartedSession" } } });
    });

    it("it is not run again; a token is made beside it, for its users alone", async () => {
      const before = envOf(place);
      const [again, token, other, none, short] = await Promise.all([
        place.setup([...ada, "--new-key", "--openai-api-key", "sk-1"]),
        place.run("npm", ["run", "--silent", "token", "--", "--email", "ADA@example.com"]),
        place.run(process.execPath, ["src/token.ts", "--email", "ada@example.com", "--tenant", "acme"]),
        place.run(process.execPath, ["src/token.ts"]),
        place.run(process.execPath, ["src/token.ts", "--email", "ada@example.com", "--ttl-seconds", "1e3"]),
      ]);
      expect(again).toEqual({
        code: 1,
        out: "",
        errors: expect.stringMatching(
          /^Setup failed\. A gateway is running on .*sluice\.db\. Stop it first, /,
        ),
      });
      expect(envOf(place)).toBe(before);
      expect(token).toEqual({
        code: 0,
        out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/),
        errors: "",
      });
      expect(other).toEqual(refused("The tenant acme has no user ada@example.com."));
      expect(none).toEqual(refused("--email: is missing."));
      expect(short).toEqual(refused("--ttl-seconds: must be a whole number of seconds from 60 to"));
    });
  });

  it("changes nothing when it is run again, and makes another key when it is told to", async () => {
    const state = () => [
      envOf(place),
      rowsOf(place, "select * from users"),
      rowsOf(place, "select * from api_keys"),
    ];
    const before = state();
    const again = await place.setup(ada);
    expect(again).toMatchObject({ code: 0, errors: "" });
    expect(again.out).toContain("ada@example.com, as before\n  key            there is one already");
    expect(again.out).not.toMatch(/slc_live_|password/);
    expect(state()).toEqual(before);
    const { out } = await place.setup([...ada, "--new-key"]);
    expect(out).toMatch(/^ {2}key +slc_live_/m);
    expect(out).not.toContain(key);
    expect(rowsOf(place, "select id from api_keys")).toHaveLength(2);
  });

  it("makes no token for a user who is not active", async () => {
    new DatabaseSync(join(place.folder, "sluice.db")).exec("update users set active = 0");
    const ended = await place.run(process.execPath, ["src/token.ts", "--email", "ada@example.com"]);
    expect(ended).toEqual(refused("The user ada@example.com is not active."));
  });
});

describe("what is given by the environment", () => {
  it("is used and named, and written only where that is said; no secret is shown", async () => {
    const place = fresh();
    const environment = {
      OPENAI_API_KEY: "sk-of-the-shell",
      SLUICE_ADMIN_PASSWORD: "a password of the shell",
    };
    const first = await place.setup([...ada, "--yes", "--host", "0.0.0.0"], environment);
    expect(first).toMatchObject({ code: 0, errors: "" });
    expect(first.out).toContain("This shell has OPENAI_API_KEY, and .env has not");
    const values = parseEnv(envOf(place));
    expect(values).toEqual({
      HOST: "0.0.0.0",
      AUTH_REQUIRED: "true",
      SLUICE_SECRET: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(existsSync(join(place.folder, ".sluice"))).toBe(false);
    chmodSync(join(place.folder, ".env"), 0o640);
    const second = await place.setup([...ada, "--from-environment"], environment);
    expect(parseEnv(envOf(place))).toEqual({ ...values, OPENAI_API_KEY: "sk-of-the-shell" });
    expect(modeOf(place, ".env")).toBe(0o600);
    for (const secret of [...Object.values(environment), values["SLUICE_SECRET"] ?? "none"]) {
      expect(`${first.out}${second.out}${second.errors}`).not.toContain(secret);
    }
  });
});

describe("what is missing or wrong", () => {
  it("is told in a sentence, and nothing is made", async () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [[], "--admin-email: is missing."],
      [[...ada, "--http-port", "9000", "--grpc-port", "9000"], "HTTP_PORT and GRPC_PORT are both 9000."],
      [
        [...ada, "--database-url", "sqlite::memory:"],
        "DATABASE_URL is sqlite::memory:, which keeps nothing.",
      ],
    ];
    const place = fresh();
    for (const [flags, said] of wrong) {
      const ended = await place.setup(flags);
      expect(ended).toEqual({
        code: 1,
        out: "",
        errors: expect.stringMatching(new RegExp(`^Setup failed. ${said}.*\n$`)),
      });
    }
    expect(madeIn(place)).toEqual([]);
  });

  it("--help shows the flags, by npm and by the script alike", async () => {
    const place = fresh();
    const [byNpm, byScript] = await Promise.all([
      place.run("npm", ["run", "--silent", "setup", "--", "--help"]),
      place.run(join(place.folder, "setup-env.sh"), ["--help"]),
    ]);
    expect(byNpm).toMatchObject({ code: 0, errors: "" });
    expect(byNpm.out).toContain("--groq-api-key");
    expect(byScript).toEqual(byNpm);
  });
});

describe("on a terminal", () => {
  const providers = "Whose keys do you want to give?";
  // The list names GROQ_API_KEY too, in brackets.
  const keyPrompt = "  GROQ_API_KEY";

  it("it asks for keys, access and an administrator, and shows none of what was typed", async () => {
    const place = fresh();
    const { code, output } = await answered(
      place,
      [
        ["This shell has OPENAI_API_KEY. Write that into .env, too?", "n"],
        // Groq is the first.
        [providers, " \r"],
        [keyPrompt, "gsk-typed\r"],
        ["Do callers need a key?", "n"],
        ["The first administrator's email", "no address\r"],
        ["must be an address such as", `${"\u007f".repeat(10)}ada@example.com\r`],
        ["A password of 12 characters or more", "a typed password\r"],
        ["The same once more", "a typed password\r"],
      ],
      { OPENAI_API_KEY: "sk-of-the-shell" },
    );
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).not.toMatch(/gsk-typed|typed password|sk-of-the-shell/);
    expect(output).toMatch(/administrator +ada@example\.com\r\n +key +slc_live_/);
    expect(parseEnv(envOf(place))).toEqual({ GROQ_API_KEY: "gsk-typed", AUTH_REQUIRED: "false" });
    expect(rowsOf(place, "select email, role from users")).toEqual([
      { email: "ada@example.com", role: "platform_admin" },
    ]);
  });

  it("Ctrl-C changes nothing", async () => {
    const place = fresh();
    const { code, output } = await answered(place, [
      [providers, " \r"],
      [keyPrompt, "gsk-typed\r"],
      ["Do callers need a key?", "y"],
      ["The first administrator's email", "\u0003"],
    ]);
    expect({ code, output }).toMatchObject({ code: 1 });
    expect(output).toContain("Nothing was changed.");
    expect([".env", "sluice.db", ".sluice"].filter((name) => existsSync(join(place.folder, name)))).toEqual(
      [],
    );
  });
});
