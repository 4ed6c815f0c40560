import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writePrometheusText } from "../../src/api/prometheus-text.ts";
import { Histogram } from "../../src/core/metrics/histogram.ts";
import { gauge } from "../../src/core/metrics/metric-family.ts";

describe("the text format", () => {
  test("has help, type and samples of a family, in that order", () => {
    const text = writePrometheusText([
      {
        name: "calls_total",
        help: "Calls.",
        type: "counter",
        samples: [
          { labels: { operation: "chat", status: "ok" }, value: 3 },
          { labels: { operation: "embed", status: "" }, value: 1 },
        ],
      },
      gauge("open_calls", "Open.", 0),
    ]);
    expect(text).toBe(
      "# HELP calls_total Calls.\n# TYPE calls_total counter\n" +
        'calls_total{operation="chat",status="ok"} 3\ncalls_total{operation="embed",status=""} 1\n' +
        "# HELP open_calls Open.\n# TYPE open_calls gauge\nopen_calls 0\n",
    );
  });

  test("escapes backslash, quote and line feed in labels, and no quote in help", () => {
    const text = writePrometheusText([
      {
        name: "x",
        help: 'A "b" \\ c\nd.',
        type: "gauge",
        samples: [{ labels: { provider: 'a\\b"c\nd' }, value: 1 }],
      },
    ]);
    expect(text).toContain('# HELP x A "b" \\\\ c\\nd.\n');
    expect(text).toContain('x{provider="a\\\\b\\"c\\nd"} 1\n');
  });

  test("has a histogram's buckets added up, with the one without end, sum and count", () => {
    const histogram = new Histogram([0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 2, 3]) histogram.observe(value);
    const samples = [histogram.sample({ operation: "chat" })];
    expect(writePrometheusText([{ name: "h_seconds", help: "H.", type: "histogram", samples }])).toBe(
      "# HELP h_seconds H.\n# TYPE h_seconds histogram\n" +
        'h_seconds_bucket{operation="chat",le="0.1"} 2\n' +
        'h_seconds_bucket{operation="chat",le="1"} 3\n' +
        'h_seconds_bucket{operation="chat",le="+Inf"} 5\n' +
        'h_seconds_sum{operation="chat"} 5.65\n' +
        'h_seconds_count{operation="chat"} 5\n',
    );
  });

  test("says nothing of a family without samples", () => {
    expect(writePrometheusText([{ name: "x_total", help: "X.", type: "counter", samples: [] }])).toBe("");
  });

  test.each([
    [0n, "0"],
    [1n, "0.000000001"],
    [1_500_000_000n, "1.5"],
    [100_000_000_000n, "100"],
    [-10_000_000n, "-0.01"],
    [9_007_199_254_740_993_000_000_001n, "9007199254740993.000000001"],
  ])("writes %s billionths as %s", (nanos, written) => {
    const samples = [{ labels: {}, value: { nanos } }];
    expect(writePrometheusText([{ name: "x", help: "X.", type: "counter", samples }])).toContain(
      `\nx ${written}\n`,
    );
  });

  test.each([
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
    [Number.NaN, "NaN"],
    [1e21, "1e+21"],
    [5e-7, "5e-7"],
  ])("writes %s as Go reads it", (value, written) => {
    expect(writePrometheusText([gauge("x", "X.", value)])).toContain(`\nx ${written}\n`);
  });

  test("keeps every label on its line, whatever its text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', "\\", "\n", "a", "}", " ") }), (text) => {
        const samples = [{ labels: { provider: text }, value: 1 }];
        const written = writePrometheusText([{ name: "x", help: "X.", type: "gauge", samples }]);
        const [, escaped = "?"] = /^x\{provider="(.*)"\} 1\n$/m.exec(written.split("\n")[2] + "\n") ?? [];
        expect(written.split("\n")).toHaveLength(4);
        expect(escaped.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char))).toBe(text);
      }),
    );
  });
});
