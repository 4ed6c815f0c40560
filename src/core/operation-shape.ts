// The types by which one operation differs from another: stages that need not know which one it is take them as one
// parameter.

export interface OperationShape {
  readonly request: unknown;
  /** What adapters yield. */
  readonly providerEvent: object;
  /** What callers get. */
  readonly event: object;
}
