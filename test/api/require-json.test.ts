// What bodies are taken: JSON in UTF-8, as it is.

import { expect, test } from "vitest";
import { requireJson } from "../../src/api/require-json.ts";

const json = "application/json";

test.each([
  { "content-type": json },
  { "content-type": "Application/JSON; charset=UTF-8" },
  { "content-type": `${json};charset="utf8"` },
  { "content-type": json, "content-encoding": "identity" },
])("%j is taken", (headers) => {
  expect(() => requireJson(headers)).not.toThrow();
});

test.each([
  [{}, "content-type: must be application/json, not absent"],
  [{ "content-type": "text/plain" }, "content-type: must be application/json, not text/plain"],
  [{ "content-type": `${json}; charset=latin1` }, /^content-type: has a charset other than utf-8/],
  [
    { "content-type": json, "content-encoding": "gzip" },
    "content-encoding: must be absent, not gzip; send the body uncompressed",
  ],
])("%j is refused", (headers, message) => {
  expect(() => requireJson(headers)).toThrow(message);
});
