/** What is wrong with a command line, and how it is meant. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
