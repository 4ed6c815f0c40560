// The process that puts the load on, so that its cost is on no server's account.

import { loadGrpc } from "./load-grpc.ts";
import { loadHttp } from "./load-http.ts";
import { serveParent } from "./parent-process.ts";

serveParent({
  ports: {},
  async answer(question) {
    if (question.ask !== "load") return undefined;
    return question.load.protocol === "http" ? loadHttp(question.load) : loadGrpc(question.load);
  },
});
