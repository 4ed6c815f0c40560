// Whether a port can be taken, or a gateway has it already and is well.

import { createServer } from "node:net";
import type { Check, Verdict } from "./finding.ts";

export interface CheckedPort {
  readonly subject: string;
  /** The variable that sets it. */
  readonly variable: string;
  readonly host: string;
  readonly port: number;
  /** Whether a healthy gateway answers there. */
  readonly isGateway: (signal: AbortSignal) => Promise<boolean>;
}

export const checkPort = (checked: CheckedPort): Check => ({
  subject: checked.subject,
  async look(signal) {
    const { subject } = checked;
    const fault = await faultOfListening(checked.host, checked.port);
    return [{ subject, ...(await judged(checked, fault, signal)) }];
  },
});

async function judged(
  { variable, host, port, isGateway }: CheckedPort,
  fault: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly verdict: Verdict; readonly text: string }> {
  const place = `${host}, port ${port}`;
  switch (fault) {
    case undefined:
      return { verdict: "ok", text: port === 0 ? "A free one is taken at the start." : `${place}: free.` };
    case "EADDRINUSE":
      return (await isGateway(signal))
        ? { verdict: "ok", text: `${place}: a healthy gateway has it.` }
        : { verdict: "fail", text: `${place}: another program has it. End that one, or set ${variable}.` };
    case "EACCES":
      return {
        verdict: "fail",
        text: `${place}: this user may not take it. Set ${variable} to 1024 or more.`,
      };
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return { verdict: "fail", text: `${place}: HOST is no address of this machine. Correct it.` };
    default:
      return { verdict: "fail", text: `${place}: cannot be taken (${fault}).` };
  }
}

/** Takes the port for a moment. The system's code where that fails. */
const faultOfListening = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
