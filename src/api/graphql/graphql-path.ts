import type { HttpEndpoint } from "../http-front-end.ts";

const paths = ["/graphql", "/graphql/"];

export const isGraphqlPath = (path: string): boolean => paths.includes(path);

/** GET is the page to try it, never an operation. */
export const graphqlEndpoints: readonly HttpEndpoint[] = paths.flatMap((path) => [
  { method: "POST", path },
  { method: "GET", path },
]);
