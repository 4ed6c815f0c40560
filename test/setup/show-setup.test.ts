import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { shellWord } from "../../src/setup/shell-word.ts";
import { type SetupDone, showSetup } from "../../src/setup/show-setup.ts";

// Where a word that is none would do what it says.
const folder = mkdtempSync(join(tmpdir(), "sluice-show-setup-"));
afterAll(() => rmSync(folder, { recursive: true }));

const done: SetupDone = {
  admin: { email: "ada@example.com", madePassword: "made", wasThere: false, key: "slc_live_1" },
  settings: {
    host: "0.0.0.0",
    httpPort: 8081,
    grpcPort: 50052,
    adminPort: undefined,
    tlsCert: undefined,
    authRequired: true,
  },
  passwordGiven: false,
  demo: false,
  onlyInShell: [],
};
const show = ({ settings, admin, ...rest }: { [K in keyof SetupDone]?: Partial<SetupDone[K]> } = {}) =>
  showSetup({
    ...done,
    ...rest,
    onlyInShell: done.onlyInShell,
    settings: { ...done.settings, ...settings },
    admin: { ...done.admin, ...admin },
  });

describe("what the set-up shows", () => {
  it("is the password and the key, each once besides the calls, and that they are shown this once", () => {
    expect(show()).toMatch(/password +made\n +key +slc_live_1\nKeep password and key: they are shown this/);
    expect(show({ admin: { madePassword: undefined } })).not.toContain("password");
  });

  it("is calls at the addresses of the configuration, as this machine reaches them", () => {
    expect(show()).toContain("curl -s http://127.0.0.1:8081/v1/chat/completions -H");
    expect(show()).toContain("http://127.0.0.1:50052/sluice.v1.ChatService/StreamChat");
    expect(show({ settings: { host: "::1", adminPort: 9 } })).toContain("curl -s http://[::1]:9/graphql");
    const secure = show({ settings: { tlsCert: "server.pem" } });
    expect(secure).not.toContain("http://");
    expect(secure).not.toContain("prior-knowledge");
  });

  it("is calls without a key where none is asked for", () => {
    const text = show({ settings: { authRequired: false } });
    expect(text.match(/slc_live_1/g)).toHaveLength(1);
    expect(text).not.toContain("x-api-key");
  });

  it("is calls with a key of the caller's own where none was made", () => {
    const text = show({ admin: { key: undefined, wasThere: true, madePassword: undefined } });
    expect(text).toContain("with your key in SLUICE_KEY");
    expect(text).toContain('"authorization: Bearer $SLUICE_KEY"');
    expect(text).not.toContain("Keep");
  });

  it("says that a password was not taken for a user who was there", () => {
    const admin = { key: undefined, wasThere: true, madePassword: undefined };
    expect(show({ admin, passwordGiven: true })).toContain(
      "as before; the password that was given is not theirs",
    );
  });

  it("says what has to be set when the gateway starts", () => {
    const text = showSetup({ ...done, onlyInShell: ["OPENAI_API_KEY"] });
    expect(text).toContain("This shell has OPENAI_API_KEY, and .env has not");
  });
});

it("a word of the shell is the text, whatever that holds", () => {
  const texts = fc.sample(fc.stringMatching(/^[a'"$`\\!*{}|&;<>~# \n%=]+$/), 200);
  const words = texts.map(shellWord).join(" ");
  const output = execFileSync("sh", ["-c", `printf '%s\\0' ${words}`], { cwd: folder, encoding: "utf8" });
  expect(output.split("\0").slice(0, -1)).toEqual(texts);
  expect(shellWord("ada+x@example.com")).toBe("ada+x@example.com");
});
