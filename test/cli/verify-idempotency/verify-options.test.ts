import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { parseVerifyOptions } from "../../../src/cli/verify-idempotency/verify-options.ts";

const refused = (...argv: string[]): string => {
  try {
    parseVerifyOptions(argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "taken";
};

const at = (...argv: string[]) => parseVerifyOptions(argv).addresses;

describe("the check's options", () => {
  it("name no gateway where nothing is said: it starts its own", () => {
    expect(parseVerifyOptions([])).toEqual({
      addresses: undefined,
      model: undefined,
      embeddingModel: undefined,
      json: false,
    });
  });

  it("find the gRPC port where the HTTP port is", () => {
    expect(at("--url", "http://127.0.0.1:8080")).toEqual({
      http: new URL("http://127.0.0.1:8080"),
      grpc: new URL("http://127.0.0.1:50051"),
    });
    expect(at("--url", "https://localhost:8443", "--grpc", "https://localhost:9")?.grpc).toEqual(
      new URL("https://localhost:9"),
    );
    expect(at("--url", "http://[::1]:8080")?.grpc.host).toBe("[::1]:50051");
  });

  it("leave this machine only where that is meant", () => {
    for (const where of [
      ["--url", "http://example.com"],
      ["--url", "http://127.0.0.1:8080", "--grpc", "http://example.com:50051"],
    ]) {
      expect(refused(...where)).toContain("say --yes if that is meant");
      expect(refused("--yes", ...where)).toBe("taken");
    }
  });

  it("say what is wrong", () => {
    expect(refused("--grpc", "http://127.0.0.1:50051")).toBe(
      "--grpc needs --url: records are read over HTTP.",
    );
    expect(refused("--url", "http://127.0.0.1:8080/v1")).toContain("--url must be an address");
    expect(refused("--url", "http://127.0.0.1:1", "--grpc", "127.0.0.1:50051")).toContain(
      "--grpc must be an address such as http://127.0.0.1:50051",
    );
    expect(refused("--duplicates", "3")).toContain("--duplicates");
  });
});
