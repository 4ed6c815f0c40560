// A client whose connection drops picks its stream up where it was, by any front end and by any other one, while the
// upstream goes on; nobody else can.

import { createHash } from "node:crypto";
import { ConnectError } from "@connectrpc/connect";
import { afterEach, describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { createAccess } from "../../../src/core/access/create-access.ts";
import { type ServedPorts, serve } from "../../../src/serve.ts";
import { systemClock } from "../../../src/system-clock.ts";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { createScriptedProvider, type ScriptedProvider, type Step } from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGateway } from "../../support/test-gateway.ts";
import { createFaces, type Face, type Faces, type ReadPart } from "./faces.ts";

const keys = ["sk-of-ann-0123456789", "sk-of-bob-0123456789"] as const;
const whole = "Once upon a time there was a gateway that never lost a word. ";
const heldAfter = 4;

interface Story extends TestGateway {
  readonly provider: ScriptedProvider;
  readonly ann: readonly Face[];
  readonly bob: readonly Face[];
  /** Lets the provider say the rest. */
  goOn(): void;
}

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const deltas = (text: string): readonly ProviderChatEvent[] =>
  text.split(/(?<= )/).map((word) => ({ type: "part_delta", index: 0, text: word }));

async function tell(): Promise<Story> {
  const rest = Promise.withResolvers<void>();
  const words = deltas(whole);
  const steps: readonly Step[] = [
    { type: "started", model: "teller-1" },
    { type: "part_started", index: 0, part: { kind: "text" } },
    ...words.slice(0, heldAfter),
    rest.promise,
    ...words.slice(heldAfter),
    { type: "part_finished", index: 0 },
    { type: "finished", reason: "stop" },
  ];
  const provider = createScriptedProvider({ steps });
  const made = createTestGateway({
    providers: { first: provider },
    clock: systemClock,
    access: createAccess({
      apiKeys: [...keys],
      servesKeyless: () => false,
      allowedHosts: [],
      digest: (text) => createHash("sha256").update(text).digest("hex"),
    }),
  });
  const ports: ServedPorts = await serve(made.gateway, {
    host: "127.0.0.1",
    httpPort: 0,
    grpcPort: 0,
    maxBodyBytes: 65_536,
  });
  const facesOf = (key: string): Faces => createFaces(ports, key);
  const [ann, bob] = [facesOf(keys[0]), facesOf(keys[1])];
  closing.push(
    () => made.gateway.close(),
    () => ports.close(),
    () => ann.close(),
    () => bob.close(),
  );
  return { ...made, provider, ann: ann.all, bob: bob.all, goOn: rest.resolve };
}

const named = (faces: readonly Face[], name: string): Face => {
  const found = faces.find((face) => face.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
};

/** With the code of what refuses it, however the face tells it. */
async function resumed(face: Face, position: string): Promise<Pick<ReadPart, "text" | "whole" | "error">> {
  try {
    const { text, whole: isWhole, error } = await face.resume(position);
    return { text, whole: isWhole, error };
  } catch (thrown) {
    const info = thrown instanceof ConnectError ? thrown.findDetails(ErrorInfoSchema)[0] : undefined;
    const told = JSON.stringify(thrown);
    return { text: "", whole: false, error: info?.reason ?? /"code":"(\w+)"/.exec(told)?.[1] };
  }
}

const names = ["gRPC", "Connect", "Connect JSON", "gRPC-Web", "OpenAI", "GraphQL", "graphql-ws"];

describe.each(names)("begun by %s", (name) => {
  test("the upstream goes on without its reader, and the rest is read by every front end", async () => {
    const story = await tell();
    const begun = await named(story.ann, name).begin(heldAfter);
    expect(begun).toMatchObject({ text: "Once upon a time ", whole: false });
    story.goOn();
    for (const face of story.ann) {
      const rest = await resumed(face, begun.position);
      expect({ ...rest, name: face.name }).toEqual({
        name: face.name,
        text: whole.slice(begun.text.length),
        whole: true,
        error: undefined,
      });
    }
    expect(story.provider.calls).toHaveLength(1);
    expect(story.ledger.opened).toHaveLength(1);
  });

  test("what comes after the reader is back is read as it comes", async () => {
    const story = await tell();
    const face = named(story.ann, name);
    const begun = await face.begin(heldAfter);
    const rest = resumed(face, begun.position);
    story.goOn();
    expect(await rest).toEqual({ text: whole.slice(begun.text.length), whole: true, error: undefined });
  });

  test("to another key there is no such stream; a sequence to come is refused at once", async () => {
    const story = await tell();
    const begun = await named(story.ann, name).begin(heldAfter);
    const [callId = ""] = begun.position.split(":");
    for (const face of story.bob) {
      expect(await resumed(face, begun.position)).toMatchObject({ text: "", error: "not_found" });
    }
    for (const face of story.ann) {
      expect(await resumed(face, `${callId}:500`)).toMatchObject({ text: "", error: "invalid_request" });
      expect(await resumed(face, "nobody:0")).toMatchObject({ text: "", error: "not_found" });
    }
    story.goOn();
  });
});
