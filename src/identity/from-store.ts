import { GatewayError } from "../core/errors.ts";

/**
 * What the directory's store answers. Whoever cannot be looked up is neither let in nor told that they are unknown.
 * @throws GatewayError `unavailable` where the store fails
 */
export async function fromStore<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError({
      code: "unavailable",
      message: "The directory of users cannot be asked at the moment. Try again.",
      retryAfterMs: 1_000,
      cause,
    });
  }
}
