// One websocket that speaks graphql-transport-ws: many operations, one caller. Strangers get none: who has to log in
// first does so by a POST.

import type { IncomingMessage } from "node:http";
import type { ExecutionArgs } from "graphql";
import { makeServer, type ServerOptions } from "graphql-ws";
import type { RawData, WebSocket } from "ws";
import type { Clock } from "../../core/clock.ts";
import { type ErrorCode, GatewayError, type ReportFault } from "../../core/errors.ts";
import { gatewayStopping } from "../../core/gateway-stopping.ts";
import type { Gateway } from "../../core/gateway.ts";
import { withoutWishes } from "../call-wishes.ts";
import { type Caller, type Connection, readCaller } from "../caller.ts";
import { connectionOf } from "../http-front-end.ts";
import { jsonText } from "../json-text.ts";
import { createKnownError } from "../known-error.ts";
import type { GraphqlContext } from "./builder.ts";
import { reportFaults, toShownError } from "./errors.ts";
import { OperationResults } from "./operation-results.ts";
import type { PrepareOperation } from "./operation.ts";
import { schema } from "./schema.ts";
import { createWebsocketDrain, type WebsocketDrain } from "./websocket-drain.ts";

export interface WebsocketPorts {
  readonly gateway: Gateway;
  readonly prepare: PrepareOperation;
  readonly clock: Clock;
  /** Hears of what nobody foresaw; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
}

const maxOperations = 64;
const maxInitWaitMs = 10_000;
const maxUnknownBytes = 64 * 1024;
/** A client that sends and sends and reads nothing of what it gets is let go. */
const maxUnsentBytes = 16 * 1024 * 1024;

/** Serves the socket until it closes; then all that it had asked for is aborted. */
export function serveWebsocket(
  socket: WebSocket,
  request: IncomingMessage,
  ports: WebsocketPorts,
): Pick<WebsocketDrain, "drain"> {
  const isKnown = boundUnknown(socket, request);
  const drain = createWebsocketDrain(socket, ports.clock);
  const server = makeServer(createOptions(request, { ...ports, isKnown, isStopping: drain.isDraining }));
  const known = createKnownError(ports.reportFault);
  const closeFor = (error: unknown) => socket.close(...closeWords(known(error)));
  const closed = server.opened(
    {
      protocol: socket.protocol,
      // graphql-ws waits for it before it takes the next event: a reader that stalls holds one.
      send: (data) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(data, (error) => (error ? reject(error) : resolve()));
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage(take) {
        const receive = async (data: RawData) => take(Buffer.isBuffer(data) ? jsonText(data) : "");
        socket.on("message", (data, isBinary) => {
          if (socket.bufferedAmount > maxUnsentBytes) return socket.terminate();
          if (isBinary) return socket.close(4400, "Messages must be text.");
          void drain.during(receive(data).catch(closeFor));
        });
      },
    },
    undefined,
  );
  socket.once("close", (code, reason) => {
    closed(code, reason.toString()).catch(() => {});
  });
  // What goes wrong on the wire closes the socket; there is nobody left to tell.
  socket.on("error", () => {});
  return drain;
}

/**
 * Who has not said yet who it is may not have a message of the longest kind kept for it. Gives what is called when
 * it has.
 */
function boundUnknown(socket: WebSocket, { socket: connection }: IncomingMessage): () => void {
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxUnknownBytes) socket.terminate();
  };
  connection.on("data", onData);
  return () => connection.off("data", onData);
}

function createOptions(
  request: IncomingMessage,
  ports: WebsocketPorts & { readonly isKnown: () => void; readonly isStopping: () => boolean },
): ServerOptions {
  const { gateway, prepare, isKnown, isStopping } = ports;
  const begun = new WeakMap<ExecutionArgs, OperationResults>();
  /** Asks who calls, as each operation has to: a key may be revoked while the socket is open. */
  let identify: (() => Promise<Caller>) | undefined;

  // graphql-ws gives back the very arguments that `onSubscribe` gave it.
  const resultsOf = (args: ExecutionArgs) => begun.get(args) ?? { errors: [toShownError(undefined)] };

  return {
    connectionInitWaitTimeout: maxInitWaitMs,
    async onConnect({ connectionParams }) {
      const connection = withParams(connectionOf(request), connectionParams ?? {});
      const identifying = () => readCaller(gateway.access, connection);
      await identifying();
      identify = identifying;
      isKnown();
    },
    async onSubscribe({ subscriptions }, _id, payload) {
      if (isStopping()) return [toShownError(gatewayStopping())];
      if (identify === undefined || Object.keys(subscriptions).length > maxOperations) {
        return [toShownError(tooManyOperations())];
      }
      let caller: Caller;
      try {
        // What is wished of one call says nothing of the many calls of a connection; browsers open each with `no-cache`.
        caller = withoutWishes(await identify());
      } catch (error) {
        return [toShownError(error)];
      }
      const controller = new AbortController();
      const { signal } = controller;
      const context: GraphqlContext = {
        gateway,
        caller,
        isStranger: false,
        signal,
        replyMeta: undefined,
        shownVectors: 0,
      };
      const prepared = prepare(payload, context);
      if ("errors" in prepared) return prepared.errors;
      const args = { schema, document: prepared.document, operationName: payload.operationName };
      begun.set(args, new OperationResults(prepared, controller));
      return args;
    },
    execute: resultsOf,
    subscribe: resultsOf,
    onNext: (...told) => reportFaults(told[4].errors, ports.reportFault),
    onError(...told) {
      // graphql-ws wraps what an iterator throws, and what happens in writing a result, in errors of its own.
      const errors = told[3].map(toShownError);
      reportFaults(errors, ports.reportFault);
      return errors.map((error) => error.toJSON());
    },
  };
}

const tooManyOperations = () =>
  new GatewayError({
    code: "overloaded",
    message: `This connection has ${maxOperations} operations open. Wait for one to end, or open another connection.`,
    retryAfterMs: 1_000,
  });

/** Browsers cannot set headers on a websocket: the connection's parameters may carry the credential. */
function withParams(connection: Connection, params: Readonly<Record<string, unknown>>): Connection {
  const { header } = connection;
  if (header("authorization") !== undefined || header("x-api-key") !== undefined) return connection;
  const param = (...names: readonly string[]) =>
    names.map((name) => params[name]).find((value) => typeof value === "string");
  const credentials: Readonly<Record<string, string | undefined>> = {
    authorization: param("authorization", "Authorization"),
    "x-api-key": param("x-api-key", "X-API-Key", "apiKey"),
  };
  return { ...connection, header: (name) => credentials[name] ?? header(name) };
}

const closeCodes: Partial<Record<ErrorCode, number>> = {
  unauthenticated: 4401,
  permission_denied: 4403,
  invalid_request: 4400,
};

/** A close frame holds at most 123 bytes of words (RFC 6455, 5.5). */
function closeWords({ code, message }: GatewayError): [number, string] {
  const words = Buffer.from(message)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD+$/, "");
  return [closeCodes[code] ?? 4500, words];
}
