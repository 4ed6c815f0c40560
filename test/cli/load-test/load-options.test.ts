import { describe, expect, it } from "vitest";
import { parseLoadOptions } from "../../../src/cli/load-test/load-options.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";

const refused = (...argv: string[]): string => {
  try {
    parseLoadOptions(argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "taken";
};

describe("the load test's options", () => {
  it("have defaults that suit a gateway on this machine", () => {
    expect(parseLoadOptions([])).toEqual({
      url: new URL("http://127.0.0.1:8080"),
      frontEnd: "http",
      rate: 20,
      seconds: 10,
      stream: false,
      model: undefined,
      prompt: "Say hello in one sentence.",
      killPrimaryAt: undefined,
      json: false,
    });
    expect(parseLoadOptions(["--front-end", "grpc"]).url?.port).toBe("50051");
  });

  it.each([
    ["--rate", "5000", "5001"],
    ["--seconds", "600", "601"],
  ])("%s is bounded", (name, most, more) => {
    expect(refused(name, most)).toBe("taken");
    for (const wrong of [more, "0", "-1", "1.5", "many", ""]) {
      expect(refused(`${name}=${wrong}`)).toContain(`${name} must be a whole number from 1 to ${most}`);
    }
  });

  it.each(["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])("take %s for this machine", (host) => {
    expect(refused("--url", `http://${host}:9`)).toBe("taken");
  });

  it.each(["example.com", "10.0.0.1", "127.0.0.1.example.com", "localhost.example.com", "0.0.0.0"])(
    "ask for --yes for %s",
    (host) => {
      expect(refused("--url", `http://${host}:9`)).toContain("say --yes if that is meant");
      expect(refused("--yes", "--url", `http://${host}:9`)).toBe("taken");
    },
  );

  it("say what is wrong with the rest", () => {
    expect(refused("--front-end", "soap")).toBe("--front-end must be one of http, grpc, graphql.");
    expect(refused("--url", "ftp://127.0.0.1")).toContain("--url must be an address");
    expect(refused("--url", "http://127.0.0.1:8080/v1")).toContain("without a path");
    expect(refused("--kill-primary-at", "3")).toContain("needs --simulate");
    expect(refused("--simulate", "--url", "http://127.0.0.1:1")).toContain("Leave --url out");
    expect(refused("--speed", "3")).toContain("--speed");
  });
});
