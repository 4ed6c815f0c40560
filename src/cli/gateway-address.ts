/** Where this machine reaches a gateway that listens so. */
export interface ListensAt {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly tlsCert: string | undefined;
}

export function httpUrlOf({ host, httpPort, tlsCert }: ListensAt): URL {
  return new URL(`${tlsCert === undefined ? "http" : "https"}://${reachable(host)}:${httpPort}`);
}

/** Host and port, as a gRPC client takes them. */
export const grpcAddressOf = ({ host, grpcPort }: ListensAt): string => `${reachable(host)}:${grpcPort}`;

function reachable(host: string): string {
  const own = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return own.includes(":") ? `[${own}]` : own;
}
