export const isGraphqlPath = (path: string): boolean => path === "/graphql" || path === "/graphql/";
