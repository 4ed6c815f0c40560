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
  /** Absent: administration has no port of its own. */
  readonly adminPort?: number | undefined;
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

export function samePortFault({ httpPort, grpcPort, adminPort }: WantedPorts): string | undefined {
  const pairs = [
    ["HTTP_PORT", httpPort, "GRPC_PORT", grpcPort],
    ["HTTP_PORT", httpPort, "ADMIN_PORT", adminPort],
    ["GRPC_PORT", grpcPort, "ADMIN_PORT", adminPort],
  ] as const;
  const same = pairs.find(([, port, , other]) => port === other && port !== 0);
  if (same === undefined) return undefined;
  const [name, port, otherName] = same;
  return `${name} and ${otherName} are both ${port}. Set one of them to another port.`;
}

/** Undefined for an error that does not come from taking a port. */
export function portFault(error: unknown, wanted: WantedPorts): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { host, httpPort, grpcPort, adminPort } = wanted;
  if (!("code" in error)) {
    // grpc-js tells the system's code in its message only.
    const [code = ""] = /\b(?:EADDRINUSE|EACCES)\b/.exec(error.message) ?? [];
    return portFaultOfCode(code, { host, port: grpcPort, variable: "GRPC_PORT" });
  }
  // Node names the port, but for a host that it cannot find.
  const isAdmin = adminPort !== undefined && "port" in error && error.port === adminPort;
  return portFaultOfCode(
    String(error.code),
    isAdmin
      ? { host, port: adminPort, variable: "ADMIN_PORT" }
      : { host, port: httpPort, variable: "HTTP_PORT" },
  );
}
