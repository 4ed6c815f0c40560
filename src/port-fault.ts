// Why a port cannot be taken, and what to do about it, in words for whoever starts the gateway.

export interface WantedPort {
  readonly host: string;
  readonly port: number;
  /** The variable that sets it. */
  readonly variable: string;
}

export interface WantedPorts {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
}

/** @param code the system's */
export function portFaultOfCode(code: string, { host, port, variable }: WantedPort): string | undefined {
  const place = `${host}, port ${port}`;
  switch (code) {
    case "EADDRINUSE":
      return `${place}: another program has it. End that one, or set ${variable}.`;
    case "EACCES":
      return `${place}: this user may not take it. Set ${variable} to 1024 or more.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${place}: HOST is no address of this machine. Correct it.`;
    default:
      return undefined;
  }
}

export function samePortFault({ httpPort, grpcPort }: WantedPorts): string | undefined {
  if (httpPort !== grpcPort || httpPort === 0) return undefined;
  return `HTTP_PORT and GRPC_PORT are both ${httpPort}. Set one of them to another port.`;
}

/** Undefined for an error that does not come from taking a port. */
export function portFault(error: unknown, { host, httpPort, grpcPort }: WantedPorts): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const ofHttp = "code" in error;
  // grpc-js tells the system's code in its message only.
  const code = ofHttp ? String(error.code) : (/\b(?:EADDRINUSE|EACCES)\b/.exec(error.message)?.[0] ?? "");
  return portFaultOfCode(code, {
    host,
    port: ofHttp ? httpPort : grpcPort,
    variable: ofHttp ? "HTTP_PORT" : "GRPC_PORT",
  });
}
