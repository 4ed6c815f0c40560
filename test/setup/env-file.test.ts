import { parseEnv } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EnvFile, fillEnvFile } from "../../src/setup/env-file.ts";

const example = "# Copy to .env.\n\n# HOST=127.0.0.1\n# OPENAI_API_KEY=\n# AUTH_REQUIRED=\n";

/** Undefined: the file's own lines are at fault. */
function filledOrRefused(file: EnvFile): string | undefined {
  try {
    return fillEnvFile(file);
  } catch (error) {
    expect(String(error)).toMatch(
      /^SetupError: \.env: cannot be filled in without a change of (?:(?:export )?[A-Z]+(?:, )?)+\. Most/,
    );
    return undefined;
  }
}

describe("a first .env", () => {
  it("is the example with the answers in their places", () => {
    const text = fillEnvFile({ example, existing: undefined, values: { OPENAI_API_KEY: "sk-1" } });
    expect(text).toBe("# Copy to .env.\n\n# HOST=127.0.0.1\nOPENAI_API_KEY=sk-1\n# AUTH_REQUIRED=\n");
  });
});

describe("a .env that is there", () => {
  const existing = "# mine, keep it\nHOST='::1' # note\n\nexport OPENAI_API_KEY=old\nOPENAI_API_KEY=older\n";

  it("keeps its values, comments and order, and gets what is new in the example", () => {
    const text = fillEnvFile({ example, existing, values: { OPENAI_API_KEY: "new", AUTH_REQUIRED: "true" } });
    expect(text).toBe(
      "# mine, keep it\nHOST='::1' # note\n\nexport OPENAI_API_KEY=old\nOPENAI_API_KEY=new\nAUTH_REQUIRED=true\n",
    );
    expect(parseEnv(text)).toEqual({ HOST: "::1", OPENAI_API_KEY: "new", AUTH_REQUIRED: "true" });
  });

  it.each([
    ["OPENAI_API_KEY=old # Bob's, ends in May", "OPENAI_API_KEY=new # Bob's, ends in May"],
    ["OPENAI_API_KEY='old # it'  # \"Bob's\" # one", 'OPENAI_API_KEY=new  # "Bob\'s" # one'],
    ['OPENAI_API_KEY="old"#mine', "OPENAI_API_KEY=new#mine"],
    ["OPENAI_API_KEY=\t# to come", "OPENAI_API_KEY=new\t# to come"],
    ["  export  OPENAI_API_KEY = old", "  export  OPENAI_API_KEY=new"],
    // What stands there is no comment, but what is replaced.
    ["OPENAI_API_KEY=old#er", "OPENAI_API_KEY=new"],
    ["OPENAI_API_KEY='old # one", "OPENAI_API_KEY=new"],
  ])("keeps what stands beside a value that changes: %s", (line, changed) => {
    const text = fillEnvFile({ example: "", existing: `A=1\n${line}\n`, values: { OPENAI_API_KEY: "new" } });
    expect(text).toBe(`A=1\n${changed}\n`);
    expect(parseEnv(text)).toEqual({ A: "1", OPENAI_API_KEY: "new" });
  });

  it.each(["AUTH_REQUIRED=true # never change", "AUTH_REQUIRED = 'true'", 'export AUTH_REQUIRED="true"#it'])(
    "keeps a line that says what is wanted as it is: %s",
    (line) => {
      const values = { AUTH_REQUIRED: "true" };
      expect(fillEnvFile({ example: "", existing: `${line}\n`, values })).toBe(`${line}\n`);
    },
  );

  it("keeps a comment that somebody has written; what is not the example's is no place for a value", () => {
    const own = "# OPENAI_API_KEY=sk-old  the one of Bob, keep\n";
    const there = `# HOST=127.0.0.1\n${own}# AUTH_REQUIRED=\n`;
    const values = { OPENAI_API_KEY: "new", AUTH_REQUIRED: "true" };
    expect(fillEnvFile({ example, existing: there, values })).toBe(
      `# HOST=127.0.0.1\n${own}AUTH_REQUIRED=true\nOPENAI_API_KEY=new\n`,
    );
  });

  it("loses the mark that editors put before it, behind which nobody reads the first value", () => {
    const text = fillEnvFile({ example: "", existing: "\uFEFFA=old\nB=2\n", values: { A: "new" } });
    expect(text).toBe("A=new\nB=2\n");
    const same = fillEnvFile({ example: "", existing: "\uFEFFA=1\n", values: { A: "1" } });
    expect(same).toBe("A=1\n");
  });

  it("is the same the second time", () => {
    const values = { AUTH_REQUIRED: "false", OTHER: "x" };
    const once = fillEnvFile({ example, existing, values });
    expect(fillEnvFile({ example, existing: once, values })).toBe(once);
  });

  it("without answers loses nothing, or is refused for a quote that is left open", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.stringMatching(/^[A-Z]{1,8}=[a-z0-9 #'"]{0,12}$/),
            fc.stringMatching(/^# ?[A-Za-z =]{0,20}$/),
            fc.constant(""),
          ),
        ),
        (lines) => {
          const there = `${lines.join("\n")}\n`;
          const text = filledOrRefused({ example, existing: there, values: {} });
          if (text === undefined) expect(there).toMatch(/['"]/);
          else expect(text.startsWith(there)).toBe(true);
        },
      ),
    );
  });
});

describe("lines that are hard to read", () => {
  it("keep the line ends that they have", () => {
    const text = fillEnvFile({
      example,
      existing: "A=1\r\n# OPENAI_API_KEY=\r\n",
      values: { OPENAI_API_KEY: "k" },
    });
    expect(text).toMatch(/^A=1\r\nOPENAI_API_KEY=k\r\n(# [^\r\n]+\r\n)+$/);
    expect(parseEnv(text)).toEqual({ A: "1", OPENAI_API_KEY: "k" });
  });

  it("are filled in without another change, or refused without telling a value", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^(#? ?(export )?[AB]=)?['"a #]{0,6}$/), { maxLength: 5 }),
        fc.constantFrom("1", "x y"),
        (lines, value) => {
          const existing = lines.join("\n");
          const text = filledOrRefused({ example, existing, values: { B: value } });
          if (text !== undefined) expect(parseEnv(text)).toEqual({ ...parseEnv(existing), B: value });
        },
      ),
    );
  });

  it("of a value over several lines are not taken for settings", () => {
    const existing = "PEM='begin\n# HOST=127.0.0.1\nend'\n";
    expect(() => fillEnvFile({ example, existing, values: { HOST: "::1" } })).toThrow("a change of PEM");
    expect(fillEnvFile({ example, existing, values: { OTHER: "1" } })).toContain(existing);
  });
});

const fillInBreak = () => fillEnvFile({ example, existing: undefined, values: { KEY: "secret\nB=1" } });

describe("a value", () => {
  it("is read again as it was given, whatever it is, or refused", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii", maxLength: 40 }), (value) => {
        let text: string;
        try {
          text = fillEnvFile({ example, existing: "A=1\n# B=2\nC=3", values: { B: value } });
        } catch (error) {
          expect(String(error)).toContain("B: has characters");
          return;
        }
        expect(parseEnv(text)).toEqual({ A: "1", B: value, C: "3" });
      }),
      { numRuns: 2000 },
    );
  });

  it("with a line break is refused without being told", () => {
    expect(fillInBreak).toThrow("KEY: has characters that .env cannot hold.");
    expect(fillInBreak).not.toThrow("secret");
  });
});
