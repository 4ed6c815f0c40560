/** What keeps the set-up from going on, and what to do about it. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}
