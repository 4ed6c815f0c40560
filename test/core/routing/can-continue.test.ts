import { describe, expect, it } from "vitest";
import { collect, request } from "../../support/chat-scripts.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { breaking, whole } from "./broken-streams.ts";
import { keylessPrincipal } from "../../support/principals.ts";

/** A provider whose own list says whether its model goes on with an answer that is begun. */
const listing = (prefill: boolean) =>
  Object.assign(createScriptedProvider(whole("two")), {
    listModels: () => Promise.resolve([{ id: "m", capabilities: { prefill } }]),
  });

describe("whether a model goes on with a begun answer", () => {
  const cases: readonly (readonly [boolean, readonly string[], boolean])[] = [
    [true, [], true],
    [false, ["second"], false],
  ];
  it.each(cases)(
    "is told by its provider's list (%s) before the table (%s)",
    async (prefill, continuing, goesOn) => {
      const first = createScriptedProvider(breaking("one "));
      const second = listing(prefill);
      const { gateway, ledger } = createTestGateway({
        providers: { first, second },
        routePolicy: { midStream: "continue" },
        continuing,
      });
      await gateway.settings.models(keylessPrincipal);
      const { error } = await collect((await gateway.stream(request)).events);
      expect(error === undefined).toBe(goesOn);
      expect(ledger.attempts.find(({ provider }) => provider === "second")).toMatchObject(
        goesOn ? { status: "ok", reason: "continue" } : { status: "skipped", skipCause: "cannot_continue" },
      );
    },
  );
});
