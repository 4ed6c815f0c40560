import { GatewayError } from "../../src/core/errors.ts";

/** The GatewayError that this throws. @throws any other error, or one that says that there was none */
export function refusalOf(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("Nothing was refused.");
}
