// The callers, so that their cost is on no server's account.

import { serveParent } from "../parent-process.ts";
import { arrive } from "./arrivals.ts";
import { callerQuestion } from "./messages.ts";
import { endsOfStreams, leaveStreams, openStreams } from "./open-streams.ts";

serveParent({
  ports: {},
  question: callerQuestion,
  async answer(asked) {
    switch (asked.ask) {
      case "arrive":
        return arrive(asked.load);
      case "open":
        await openStreams(asked.streams);
        return undefined;
      case "leave":
        return leaveStreams(asked.apartMs);
      case "ends":
        return endsOfStreams();
    }
  },
});
