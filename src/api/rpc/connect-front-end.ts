// Connect and gRPC-Web on the HTTP port. Connect answers 415 to content types that are not its own and to
// none at all, and 405 to GET, so nothing is served that a web page can send without a preflight.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createConnectRouter, createContextValues } from "@connectrpc/connect";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { createAsyncIterable, type UniversalHandler } from "@connectrpc/connect/protocol";
import type { ReportFault } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import { type HttpFrontEnd, pathOf } from "../http-front-end.ts";
import { createKnownError } from "../known-error.ts";
import { capTimeouts } from "./connect-timeout.ts";
import { bodyForm, emptyMessage, readMessage } from "./connect-body.ts";
import { connectRoutes, inboundKey } from "./connect-routes.ts";
import { createDecompress, type Decompress } from "./decompress.ts";
import { createRpcService } from "./rpc-service.ts";
import { isServicePath } from "./service-path.ts";
import { connectEndpoints } from "./services.ts";

export interface ConnectFrontEndOptions {
  readonly gateway: Gateway;
  /** The longest body, compressed or not. */
  readonly maxBodyBytes: number;
  /** Hears of what nobody foresaw; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
}

export function createConnectFrontEnd(options: ConnectFrontEndOptions): HttpFrontEnd {
  const { gateway, maxBodyBytes } = options;
  const known = createKnownError(options.reportFault);
  const router = createConnectRouter({
    // Native gRPC has its own port.
    grpc: false,
    acceptCompression: [compressionGzip, compressionBrotli],
  });
  connectRoutes({ service: createRpcService(gateway), access: gateway.access, known })(router);
  const decompress = createDecompress({ encodings: ["gzip", "br"], maxBytes: maxBodyBytes });
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return {
    endpoints: connectEndpoints,
    serves: isServicePath,
    handle(request, response) {
      const handler = handlers.get(pathOf(request));
      if (handler === undefined) {
        refuse(response, 404, "This service has no such method.");
        return;
      }
      response.setHeader("cache-control", "no-store");
      // What is left of a body that was refused unread is discarded, so that the connection can go on.
      response.once("finish", () => request.resume());
      // Connect waits for a stream's reader for as long as the connection lives.
      response.on("timeout", () => {
        if (response.writableNeedDrain) response.destroy();
      });
      answer({ handler, request, response, maxBodyBytes, decompress }).catch((error: unknown) => {
        if (!response.destroyed && !isInvalidUrl(error)) known(error);
        if (response.headersSent) response.destroy();
        else
          refuse(response, 400, "The request cannot be read. Send it with a Host header and a valid path.");
      });
    },
  };
}

const isInvalidUrl = (error: unknown): boolean =>
  error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_URL";

async function answer(options: {
  readonly handler: UniversalHandler;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly maxBodyBytes: number;
  readonly decompress: Decompress;
}): Promise<void> {
  const { handler, request, response, maxBodyBytes, decompress } = options;
  const received = universalRequestFromNodeRequest(request, response, undefined, undefined);
  const form = bodyForm(request.headers["content-type"]);
  if (form === undefined) {
    await universalResponseToNodeResponse(await handler(received), response);
    return;
  }
  received.header.delete("content-length");
  received.header.delete("content-encoding");
  capTimeouts(received.header);
  const answered = await handler({
    ...received,
    body: createAsyncIterable([emptyMessage(form)]),
    contextValues: createContextValues().set(inboundKey, {
      request,
      signal: received.signal,
      read: (schema) => readMessage(schema, { request, form, maxBodyBytes, decompress }),
    }),
  });
  await universalResponseToNodeResponse(answered, response);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ code: status === 404 ? "unimplemented" : "invalid_argument", message }));
}
