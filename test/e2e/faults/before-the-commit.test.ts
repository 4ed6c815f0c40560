// Everything that can be wrong with a target before it has committed to an answer: the next one answers; and where
// all of them fail so, the caller is told of each.

import { afterAll, beforeAll, describe, test } from "vitest";
import type { Delivery } from "../parity/client.ts";
import { again, expectAnswerElsewhere, expectErrorOfAll, type Fault, nextAtOnce, once } from "./fault.ts";
import { type FaultsGateway, startFaultsGateway } from "./faults-gateway.ts";
import {
  jsonHead,
  opening,
  sends,
  sendsAndHangs,
  streamHead,
  wholeJson,
  wholeStream,
  word,
} from "./raw-upstream.ts";

const ill = { place: "ill" } as const;
const raw = { place: "raw" } as const;
const status = (code: number) => ({ kind: "status", status: code }) as const;
const badByte = new Uint8Array([0xff]);
const cutJson = wholeJson.slice(0, 60);

const connections: readonly Fault[] = [
  { name: "refuses connections", place: "refused", failed: "unavailable", tries: nextAtOnce },
  {
    name: "has a host name that nobody knows",
    place: "unknown-host",
    failed: "unavailable",
    tries: nextAtOnce,
  },
  {
    name: "has a certificate that nobody trusts",
    place: "untrusted",
    failed: "unavailable",
    tries: nextAtOnce,
  },
  {
    name: "hangs while connecting",
    place: "silent",
    failed: "timeout",
    tries: nextAtOnce,
    takesRealTime: true,
  },
];

const times: readonly Fault[] = [
  {
    name: "hangs before its headers",
    ...ill,
    demo: { kind: "hang", at: "before_headers" },
    failed: "timeout",
    tries: again,
    hangs: true,
  },
  {
    name: "hangs after its headers",
    ...ill,
    demo: { kind: "hang", at: "after_headers" },
    failed: "timeout 200",
    tries: again,
    hangs: true,
  },
  {
    name: "hangs after an event without content, or in the middle of its JSON",
    ...raw,
    raw: {
      chat: sendsAndHangs(jsonHead, cutJson),
      stream: sendsAndHangs(streamHead, opening),
    },
    failed: "timeout 200",
    tries: again,
    hangs: true,
  },
];

const statuses: readonly Fault[] = [
  { name: "429", ...ill, demo: status(429), failed: "rate_limited 429", tries: nextAtOnce },
  {
    name: "429 with a retry-after longer than anybody waits",
    ...ill,
    demo: { ...status(429), retryAfterSeconds: 60 },
    failed: "rate_limited 429",
    tries: once,
    retryAfterMs: 60_000,
  },
  { name: "401", ...ill, demo: status(401), failed: "authentication 401", tries: once },
  { name: "403", ...ill, demo: status(403), failed: "authentication 403", tries: once },
  { name: "404", ...ill, demo: status(404), failed: "model_unavailable 404", tries: once },
  { name: "500", ...ill, demo: status(500), failed: "unavailable 500", tries: again },
  { name: "502", ...ill, demo: status(502), failed: "unavailable 502", tries: again },
  {
    name: "503",
    ...ill,
    demo: status(503),
    failed: ["overloaded 503", "unavailable 503", "overloaded 503"],
    tries: again,
  },
  { name: "529", ...ill, demo: status(529), failed: "overloaded 529", tries: again },
  {
    name: "503 with a retry-after longer than anybody waits",
    ...ill,
    demo: { ...status(503), retryAfterSeconds: 60 },
    failed: ["overloaded 503", "unavailable 503", "overloaded 503"],
    tries: once,
    retryAfterMs: 60_000,
  },
  {
    name: "502 with a page of HTML",
    ...ill,
    demo: { ...status(502), body: "html" },
    failed: "unavailable 502",
    tries: again,
  },
  {
    name: "500 with JSON that is cut",
    ...ill,
    demo: { ...status(500), body: "truncated" },
    failed: "unavailable 500",
    tries: again,
  },
];

const answers: readonly Fault[] = [
  {
    name: "resets before its headers",
    ...ill,
    demo: { kind: "reset", at: "before_headers" },
    failed: "unavailable",
    tries: again,
  },
  {
    name: "resets after its headers",
    ...ill,
    demo: { kind: "reset", at: "after_headers" },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "answers with a page of HTML",
    ...ill,
    demo: { ...status(200), body: "html" },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "answers with nothing",
    ...ill,
    demo: { ...status(200), body: "empty" },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "answers with JSON that is cut",
    ...ill,
    demo: { ...status(200), body: "truncated" },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "sends what is no JSON",
    ...ill,
    demo: { kind: "malformed_line", afterEvents: 0 },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "is cut in the middle of an event, or of its JSON",
    ...ill,
    demo: { kind: "cut", afterEvents: 0 },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "tells an error after it began, or in place of its JSON",
    ...ill,
    demo: { kind: "error_event", afterEvents: 0 },
    failed: { chat: "unavailable 500", stream: ["unavailable 200", "overloaded 200", "overloaded 200"] },
    tries: again,
  },
  {
    name: "ends before it said anything",
    ...raw,
    raw: { chat: sends(jsonHead), stream: sends(streamHead, opening) },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "has another content type than was asked for",
    ...raw,
    raw: {
      chat: sends(streamHead, wholeStream),
      stream: sends("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n", wholeStream),
    },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "sends bytes that are no UTF-8",
    ...raw,
    raw: {
      chat: sends(jsonHead, wholeJson.replace("Grüße", "\0").split("\0")[0] ?? "", badByte, '"}}]}'),
      stream: sends(streamHead, opening, "data: {", badByte, "}\n\n", word("late")),
    },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "promises more bytes than it sends",
    ...raw,
    raw: {
      chat: sends(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n",
        cutJson,
      ),
      stream: sends(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 900\r\n\r\n",
        opening,
      ),
    },
    failed: "broken_reply 200",
    tries: again,
  },
  {
    name: "does not speak HTTP",
    ...raw,
    raw: { chat: sends("220 mail.test ESMTP\r\n"), stream: sends("220 mail.test ESMTP\r\n") },
    failed: "broken_reply",
    tries: again,
  },
];

const deliveries: readonly Delivery[] = ["chat", "stream"];

describe.each(deliveries)("a target (%s)", (delivery) => {
  let faults: FaultsGateway;
  beforeAll(async () => {
    faults = await startFaultsGateway();
  });
  afterAll(() => faults.close());

  describe.each([...connections, ...times, ...statuses, ...answers])("$name", (fault) => {
    test("the next one answers", () => expectAnswerElsewhere(faults, fault, delivery));
    test("all of them: the caller is told of each", () => expectErrorOfAll(faults, fault, delivery));
  });
});
