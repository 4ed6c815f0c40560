/** Where a request was sent. */
export interface Address {
  readonly path: string;
  readonly query: URLSearchParams;
}
