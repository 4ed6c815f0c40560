// The baseline of HTTP: hands each request on to the upstream and its answer back, and parses nothing.

import { createServer } from "node:http";
import { Agent } from "undici";
import { question } from "./messages.ts";
import { createMeter, serveParent } from "./parent-process.ts";

const upstream = process.env["UPSTREAM"] ?? "";
const agent = new Agent({ allowH2: false });

const server = createServer((request, response) => {
  agent.stream(
    {
      origin: upstream,
      path: request.url ?? "/",
      method: "POST",
      headers: {
        "content-type": request.headers["content-type"] ?? "",
        "content-length": request.headers["content-length"] ?? "",
      },
      body: request,
    },
    ({ statusCode, headers }) => {
      const type = String(headers["content-type"]);
      const length = headers["content-length"];
      return response.writeHead(statusCode, {
        "content-type": type,
        ...(typeof length === "string" ? { "content-length": length } : {}),
      });
    },
    (error) => {
      if (error !== null) response.destroy(error);
    },
  );
});

await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
if (address === null || typeof address === "string") throw new Error("The pipe has no port.");

serveParent({ ports: { http: address.port }, question, answer: createMeter() });
