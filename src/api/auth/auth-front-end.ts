// Log-in, sign-on and sessions over HTTP, for browsers and for programs: `/auth/…`.

import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError, type ReportFault, toGatewayError } from "../../core/errors.ts";
import type { NewId } from "../../core/ids.ts";
import { type HttpFrontEnd, pathOf } from "../http-front-end.ts";
import { sendError } from "./auth-answer.ts";
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
    const endpoint = authEndpointAt(pathOf(request));
    try {
      if (endpoint === undefined) throw unknownPath(pathOf(request));
      if (request.method !== endpoint.method) {
        response.setHeader("allow", endpoint.method);
        return sendError(response, wrongMethod(endpoint.method), { request, requestId, status: 405 });
      }
      await answers[endpoint.path](request, response);
    } catch (error) {
      const known = toGatewayError(error);
      if (known !== error) reportFault?.(error, { requestId });
      if (response.headersSent) response.destroy();
      else if (!response.destroyed) sendError(response, known, { request, requestId });
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

const wrongMethod = (method: string): GatewayError =>
  new GatewayError({ code: "invalid_request", message: `Only ${method} is served at this path.` });
