// The server's secret, where it can be told before a start: it is given, or may be made, or was made.

import { ConfigurationError, type Settings } from "../config/configuration.ts";
import { serverSecret } from "../config/secret/server-secret.ts";
import type { Check, Finding } from "./finding.ts";

const subject = "secret";

/** Says nothing where all is well. */
export const checkSecret = (
  settings: Pick<Settings, "host" | "secret" | "secretPrevious">,
  file: string,
): Check => ({
  subject,
  async look(): Promise<readonly Finding[]> {
    try {
      serverSecret(settings, file).known();
      return [];
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return [{ verdict: "fail", subject, text: error.message }];
    }
  },
});
