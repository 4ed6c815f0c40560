// A gateway with keys, by every front end: who is served, and what the others are told.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectParity, makeCall } from "./expect-parity.ts";
import { type ParityGateway, startGateway } from "./parity-gateway.ts";
import { hello } from "./wrong-requests.ts";

describe("a gateway with keys", () => {
  const apiKeys = "a-key-of-the-tenant-default";
  let parity: ParityGateway;
  beforeAll(async () => {
    parity = await startGateway({ apiKeys });
  });
  afterAll(() => parity.close());

  describe.each(["chat", "stream"] as const)("%s", (delivery) => {
    test("serves its key", async () => {
      const words = { credential: apiKeys };
      const { finishReason } = await expectParity(parity, { delivery, request: hello, words });
      expect(finishReason).toBe("stop");
    });

    // graphql-ws refuses the connection: its close code 4401 tells the code, and the close frame the message.
    // The official client cannot call without a key of some sort.
    test("unauthenticated: no key", async () => {
      const { error } = await expectParity(parity, {
        delivery,
        request: hello,
        without: ["graphql-ws", "openai npm"],
      });
      expect(error).toMatchObject({ code: "unauthenticated", attempts: [] });
    });

    test("unauthenticated: a key that nobody knows", async () => {
      const call = { delivery, request: hello, words: { credential: "some-other-key-123" } };
      const { error } = await expectParity(parity, { ...call, without: ["graphql-ws"] });
      expect(error).toMatchObject({ code: "unauthenticated", attempts: [] });
      const websocket = parity.clients.find(({ name }) => name === "graphql-ws");
      const closed = websocket && (await makeCall(websocket, call));
      expect(closed?.error).toMatchObject({ code: "unauthenticated", message: error?.message });
    });

    test("permission_denied: another tenant's name", async () => {
      const { error } = await expectParity(parity, {
        delivery,
        request: { ...hello, labels: { tenant: "other" } },
        words: { credential: apiKeys },
        fieldWords: { "labels.tenant": "metadata.tenant" },
      });
      expect(error).toMatchObject({ code: "permission_denied", field: "labels.tenant" });
    });
  });
});
