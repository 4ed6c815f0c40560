import { connect } from "node:net";

const timeoutMs = 5_000;

/** @param otherwise what can be done beside starting one @throws Error that says what to do when nobody listens there */
export function checkReachable(url: URL, otherwise: string): Promise<void> {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const give = (reason: string): void => {
      socket.destroy();
      reject(new Error(`No gateway answers at ${url.host} (${reason}). Start one, or ${otherwise}.`));
    };
    socket.on("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.on("timeout", () => give("nothing came in time"));
    socket.on("error", (error) => give("code" in error ? String(error.code) : error.message));
  });
}
