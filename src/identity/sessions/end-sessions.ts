// How sessions end before their time.

import type { Clock } from "../../core/clock.ts";
import type { ChangedEntry, DirectoryStore } from "../../core/directory/directory-store.ts";
import type { Sessions } from "../../core/directory/sessions.ts";
import type { NewId } from "../../core/ids.ts";
import { fromStore } from "../from-store.ts";
import { ended, toWrite } from "./session-entries.ts";

export interface EndPorts {
  readonly store: Pick<DirectoryStore, "write">;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly changed: (entry: ChangedEntry) => void;
}

export function createSessionEnds(ports: EndPorts): Pick<Sessions, "logOut" | "logOutEverywhere"> {
  const { store, clock, changed } = ports;
  return {
    async logOut(by) {
      const id = by.sessionId;
      if (id === undefined) return;
      const told = ended(by, "session.log_out", { type: "session", id });
      await fromStore(
        store.write({
          changes: [{ type: "end_session", id, atMs: clock.epochMs() }],
          audit: [toWrite(told, ports)],
        }),
      );
      // Whatever came of it: a session that is not there has ended as well.
      changed({ kind: "session", id });
    },
    async logOutEverywhere(by) {
      const id = by.userId;
      // A key has no sessions, and whoever found one ends none of its user's.
      if (id === undefined || by.apiKeyId !== undefined) return;
      const told = ended(by, "session.log_out_everywhere", { type: "user", id });
      await fromStore(
        store.write({
          changes: [{ type: "end_sessions_of_user", userId: id, atMs: clock.epochMs() }],
          audit: [toWrite(told, ports)],
        }),
      );
      changed({ kind: "user", id });
    },
  };
}
