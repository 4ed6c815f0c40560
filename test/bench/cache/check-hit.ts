// A figure of hits is one of hits: asks twice, and looks whether the second answer came from the cache.

import { urlOf } from "../bench-context.ts";
import { jsonChat } from "../chats.ts";
import type { Child } from "../child-process.ts";

/** @throws Error where it did not */
export async function checkHit(server: Child, body: string): Promise<void> {
  const statuses: (string | null)[] = [];
  while (statuses.length < 2) {
    const answer = await fetch(`${urlOf(server.ports["http"])}${jsonChat.path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    await answer.text();
    statuses.push(answer.headers.get("x-sluice-cache-status"));
  }
  if (statuses[1] !== "hit") throw new Error(`The same question again was no hit: ${statuses.join(", ")}.`);
}
