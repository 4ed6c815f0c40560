// How those who are not let in are told.

import { GatewayError } from "../core/errors.ts";

export const unauthenticated = (message: string, cause?: unknown): GatewayError =>
  new GatewayError({ code: "unauthenticated", message, cause });

export const denied = (message: string): GatewayError =>
  new GatewayError({ code: "permission_denied", message });
