import { describe, expect, it } from "vitest";
import { flagOf } from "../../src/config/setting-table.ts";
import { providerTable } from "../../src/providers/provider-table.ts";
import { providerVariables } from "../../src/setup/provider-variables.ts";
import { answersOfFlags, checkAdministrator } from "../../src/setup/setup-answers.ts";
import { SetupError } from "../../src/setup/setup-error.ts";
import { readSetupFlags, showSetupHelp } from "../../src/setup/setup-flags.ts";

const providers = providerVariables(Object.values(providerTable));
const read = (argv: readonly string[], environment: Record<string, string> = {}) =>
  readSetupFlags(argv, { providers, environment });

describe("the flags of the set-up", () => {
  it("take what an administrator, access, ports and each provider need", () => {
    const variables = providers.flatMap(({ all }) => all);
    const argv = variables.map((variable) => `--${flagOf(variable)}=${variable} value`);
    const flags = read([
      ...argv,
      "--auth-required",
      "false",
      "--http-port",
      "9000",
      "--admin-email",
      "a@b.c",
    ]);
    expect(flags.values).toEqual({
      ...Object.fromEntries(variables.map((variable) => [variable, `${variable} value`])),
      AUTH_REQUIRED: "false",
      HTTP_PORT: "9000",
    });
    expect(flags).toMatchObject({ email: "a@b.c", name: undefined, newKey: false, yes: false, help: false });
  });

  it("are all shown by --help", () => {
    const help = showSetupHelp(providers);
    for (const variable of providers.flatMap(({ all }) => all)) {
      expect(help).toMatch(new RegExp(` --${flagOf(variable)}(?: |$)`, "m"));
    }
  });

  it("leave keys in the environment where they are, unless they are told to write them", () => {
    const environment = { OPENAI_API_KEY: "sk-shell", GROQ_API_KEY: "", GROQ_MODEL: "m", HOST: "h" };
    expect(read(["--yes"], environment).values).toEqual({});
    expect(read(["--from-environment"], environment).values).toEqual({
      OPENAI_API_KEY: "sk-shell",
      GROQ_MODEL: "m",
    });
    const flags = read(["--from-environment", "--openai-api-key", "sk-flag"], environment);
    expect(flags.values["OPENAI_API_KEY"]).toBe("sk-flag");
  });

  it("take a password from the environment, where other users do not see it", () => {
    const environment = { SLUICE_ADMIN_PASSWORD: "of the environment" };
    expect(read([], environment).password).toBe("of the environment");
    expect(read(["--admin-password", "of the flag"], environment).password).toBe("of the flag");
    expect(read([], { SLUICE_ADMIN_PASSWORD: "" }).password).toBeUndefined();
  });

  it.each([
    [["--openai-api-key", ""], "--openai-api-key: is empty. Give it a value, or leave it out."],
    [["--admin-email="], "--admin-email: is empty. Give it a value, or leave it out."],
    [["--auth-required", "yes"], "--auth-required: must be true or false."],
    [["--http-port", "secret"], "--http-port: must be a whole number from 0 to 65535."],
    [["--openai-key=secret"], "Unknown option '--openai-key'."],
    [["--openai-api-key", "--yes"], "Option '--openai-api-key' argument is ambiguous."],
    [["--yes=secret"], "Option '--yes' does not take an argument."],
    [["secret"], "A value stands alone. Flags begin with --, each with its value behind it."],
  ])("%j is refused without telling a value", (argv, message) => {
    expect(() => read(argv)).toThrow(SetupError);
    expect(() => read(argv)).toThrow(message);
    expect(() => read(argv)).not.toThrow("secret");
  });
});

describe("answers without a question", () => {
  it("need an email, and take the name from it", () => {
    expect(() => answersOfFlags(read(["--yes"]))).toThrow("--admin-email: is missing.");
    const { admin } = answersOfFlags(read(["--admin-email", "ada@example.com"]));
    expect(admin).toEqual({ email: "ada@example.com", name: "ada", password: undefined });
  });
});

const checkWrong = () => checkAdministrator({ email: "no address", name: " ", password: "short" });

describe("an administrator", () => {
  const ada = { email: "ada@example.com", name: "Ada", password: undefined };

  it("is refused for what the directory would refuse, all at once and without the password", () => {
    expect(checkWrong).toThrow(
      /^--admin-email: must be an address.*; --admin-name: .*; --admin-password .*12 to/,
    );
    expect(checkWrong).not.toThrow(/\bshort\b/);
  });

  it("may have a password made", () => {
    expect(() => checkAdministrator(ada)).not.toThrow();
    expect(() => checkAdministrator({ ...ada, password: "a long enough one" })).not.toThrow();
  });
});
