// Log-in, sign-on and sessions over HTTP, for browsers and for programs: `/auth/…`.

import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError, type ReportFault, toGatewayError } from "../../core/errors.ts";
import type { NewId } from "../../core/ids.ts";
import { sendErrorJson } from "../error-json.ts";
import { type HttpFrontEnd, pathOf } from "../http-front-end.ts";
import { otherMethod } from "../refused-request.ts";
import { authAnswers, type AuthPorts } from "./auth-endpoints.ts";
import { authEndpointAt, authEndpoints, isAuthPath } from "./auth-path.ts";

export interface AuthFrontEndOptions extends AuthPorts {
  /** Names requests in answers and in the log. */
  readonly newId: NewId;
  /** Hears of what nobody foresaw; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
}

/** Serves `sign-on`, `callback`, `log-in`, `refresh` and `log-out` under `/auth`. */
export function createAuthFrontEnd(options: AuthFrontEndOptions): HttpFrontEnd {
  const { newId, reportFault } = options;
  const answers = authAnswers(options);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = newId();
    const exchange = { request, response };
    const endpoint = authEndpointAt(pathOf(request));
    try {
      if (endpoint === undefined) throw unknownPath(pathOf(request));
      if (request.method !== endpoint.method) {
        const { method } = endpoint;
        const options = { requestId, status: 405, headers: { allow: method } };
        return sendErrorJson(exchange, otherMethod(request, method), options);
      }
      await answers[endpoint.path](request, response);
    } catch (error) {
      const known = toGatewayError(error);
      if (known !== error) reportFault?.(error, { requestId });
      sendErrorJson(exchange, known, { requestId });
    }
  }

  return {
    endpoints: authEndpoints,
    serves: isAuthPath,
    handle: (request, response) => void serve(request, response),
  };
}

const unknownPath = (path: string): GatewayError =>
  new GatewayError({
    code: "not_found",
    message:
      `There is nothing at ${path.slice(0, 200)}. Served are GET /auth/sign-on, GET /auth/callback/{tenant}, ` +
      "POST /auth/log-in, POST /auth/refresh and POST /auth/log-out.",
  });
