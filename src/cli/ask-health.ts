import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** Said by a server that asks for a client's certificate: it lives, and whoever asks here has none to show. */
const certificateAsked = /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE/;
const longestAnswer = 1_000;

/** Asks the gateway at the URL's origin whether it lives. @throws Error that says what came instead */
export function askHealth(url: URL, signal: AbortSignal): Promise<void> {
  const health = new URL("/health", url);
  // Whether it lives is asked, on this machine; its certificate is for the name that callers know.
  const options = { agent: false, rejectUnauthorized: false, signal };
  return new Promise((resolve, reject) => {
    const send = health.protocol === "https:" ? httpsRequest : httpRequest;
    const asked = send(health, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
        if (text.length > longestAnswer) asked.destroy(new Error("It says more than a gateway would."));
      });
      response.on("end", () => {
        if (response.statusCode === 200 && text === '{"status":"ok"}') resolve();
        else reject(new Error(`${health.href} answered ${response.statusCode}, and not as a gateway does.`));
      });
    });
    asked.on("error", (error) => {
      const code = "code" in error ? String(error.code) : "";
      if (certificateAsked.test(code)) return resolve();
      const reason = signal.aborted ? "nothing came in time" : error.message;
      reject(new Error(`${health.href} did not answer: ${reason}`, { cause: error }));
    });
    asked.end();
  });
}
