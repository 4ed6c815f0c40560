import { parseEnv } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillEnvFile } from "../../src/setup/env-file.ts";

const example = "# Copy to .env.\n\n# HOST=127.0.0.1\n# OPENAI_API_KEY=\n# AUTH_REQUIRED=\n";

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

  it("is the same the second time", () => {
    const values = { AUTH_REQUIRED: "false", OTHER: "x" };
    const once = fillEnvFile({ example, existing, values });
    expect(fillEnvFile({ example, existing: once, values })).toBe(once);
  });

  it("without answers loses nothing", () => {
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
          expect(fillEnvFile({ example, existing: there, values: {} }).startsWith(there)).toBe(true);
        },
      ),
    );
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
