// What the gateway at a URL's origin says of itself.

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

/** Said by a server that asks for a client's certificate: it lives, and whoever asks here has none to show. */
const certificateAsked = /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE/;

/** Asks whether it lives. @throws Error that says what came instead */
export async function askHealth(url: URL, signal: AbortSignal): Promise<void> {
  const health = new URL("/health", url);
  const answer = await get(health, { longestAnswer: 1_000, signal });
  if (answer === undefined || (answer.status === 200 && answer.text === '{"status":"ok"}')) return;
  throw new Error(`${health.href} answered ${answer.status}, and not as a gateway does.`);
}

/** What it says that is wrong with it; nothing where it cannot be asked. @throws Error when it does not answer */
export async function askProblems(url: URL, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await get(new URL("/ready", url), { longestAnswer: 100_000, signal });
  const told: unknown = answer === undefined ? {} : JSON.parse(answer.text);
  if (typeof told !== "object" || told === null || !("problems" in told)) return [];
  return Array.isArray(told.problems) ? told.problems.map(String) : [];
}

/** Undefined: it is a server that asks for a client's certificate. */
function get(
  url: URL,
  { longestAnswer, signal }: { readonly longestAnswer: number; readonly signal: AbortSignal },
): Promise<Answer | undefined> {
  // It is asked on its own machine; its certificate is for the name that callers know.
  const options = { agent: false, rejectUnauthorized: false, signal };
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const asked = send(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
        if (text.length > longestAnswer) asked.destroy(new Error("It says more than a gateway would."));
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
    });
    asked.on("error", (error) => {
      const code = "code" in error ? String(error.code) : "";
      if (certificateAsked.test(code)) return resolve(undefined);
      const reason = signal.aborted ? "nothing came in time" : error.message;
      reject(new Error(`${url.href} did not answer: ${reason}`, { cause: error }));
    });
    asked.end();
  });
}
