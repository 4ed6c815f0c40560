// GraphQL over HTTP at /graphql: POST with JSON answers or event streams, websockets, and a page to try it.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";
import { invalidRequest, type ReportFault } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { TrustsProxy } from "../client-address.ts";
import type { HttpFrontEnd } from "../http-front-end.ts";
import { answerJson } from "./answer.ts";
import { reportFaults, ShownError, toShownError } from "./errors.ts";
import { answerGraphiql } from "./graphiql.ts";
import { graphqlEndpoints, isGraphqlPath } from "./graphql-path.ts";
import { createPrepareOperation } from "./operation.ts";
import { answerPost } from "./post.ts";
import { schema } from "./schema.ts";
import { createIsPublic } from "./stranger.ts";
import { createWebsocketSide } from "./websocket-side.ts";

export interface GraphqlFrontEndOptions {
  readonly gateway: Gateway;
  /** Of a POST's body, and of a websocket's message. */
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  /** Whose word is taken for where a log-in comes from; absent: nobody's. */
  readonly trustsProxy?: TrustsProxy | undefined;
  /** Hears of what nobody foresaw; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
}

export function createGraphqlFrontEnd(
  options: GraphqlFrontEndOptions,
): HttpFrontEnd & Required<Pick<HttpFrontEnd, "upgrade" | "drain">> {
  const ports = { ...options, prepare: createPrepareOperation(), isPublic: createIsPublic(schema) };
  const websockets = createWebsocketSide(ports);
  return {
    endpoints: graphqlEndpoints,
    serves: isGraphqlPath,
    handle(request, response) {
      if (request.method === "POST") void answerPost(request, response, ports);
      else if (asksForPage(request))
        answerGraphiql(response).catch(answerFailure(response, options.reportFault));
      else answerOtherMethod(response);
    },
    upgrade: (request, socket, head) => websockets.upgrade(request, socket, head),
    drain: () => websockets.drain(),
  };
}

const asksForPage = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" && headers.accept?.includes("text/html") === true;

// GET is never a query: a link or an image on any page could then ask.
function answerOtherMethod(response: ServerResponse): void {
  const known = invalidRequest("method", "must be POST; with a browser, GET shows a page to try queries");
  answerJson(response, { errors: [new ShownError(known, { status: 405 })] }, { headers: { allow: "POST" } });
}

const answerFailure =
  (response: ServerResponse, reportFault: ReportFault | undefined) => (error: unknown) => {
    const errors = [toShownError(error)];
    reportFaults(errors, reportFault);
    answerJson(response, { errors });
  };
