import { afterEach, expect, test } from "vitest";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { type ServedGraphql, serveGraphql } from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

test("a browser gets a page that is whole in itself and that nobody may frame", async () => {
  served = await serveGraphql({ providers: { a: createScriptedProvider(textScript("Hi")) } });
  const response = await fetch(served.url, { headers: { accept: "text/html,application/xhtml+xml" } });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(response.headers.get("x-frame-options")).toBe("DENY");
  const page = await response.text();
  expect(page).toContain("renderYogaGraphiQL");
  expect(page).toContain("subscription {");
  expect(page).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)="?(?:https?:)?\/\//);
});
