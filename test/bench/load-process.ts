// The process that puts the load on, so that its cost is on no server's account.

import { loadGrpc } from "./load-grpc.ts";
import { loadHttp } from "./load-http.ts";
import { question } from "./messages.ts";
import { serveParent } from "./parent-process.ts";

serveParent({
  ports: {},
  question,
  async answer(asked) {
    if (asked.ask !== "load") return undefined;
    return asked.load.protocol === "http" ? loadHttp(asked.load) : loadGrpc(asked.load);
  },
});
