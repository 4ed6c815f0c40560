// Whether a port can be taken, or a gateway has it already and is well.

import { createServer } from "node:net";
import { portFaultOfCode, type WantedPort } from "../port-fault.ts";
import type { Check, Verdict } from "./finding.ts";

export interface CheckedPort extends WantedPort {
  readonly subject: string;
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
  checked: CheckedPort,
  fault: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly verdict: Verdict; readonly text: string }> {
  const place = `${checked.host}, port ${checked.port}`;
  if (fault === undefined) {
    return {
      verdict: "ok",
      text: checked.port === 0 ? "A free one is taken at the start." : `${place}: free.`,
    };
  }
  if (fault === "EADDRINUSE" && (await checked.isGateway(signal))) {
    return { verdict: "ok", text: `${place}: a healthy gateway has it.` };
  }
  return {
    verdict: "fail",
    text: portFaultOfCode(fault, checked) ?? `${place}: cannot be taken (${fault}).`,
  };
}

/** Takes the port for a moment. The system's code where that fails. */
const faultOfListening = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
