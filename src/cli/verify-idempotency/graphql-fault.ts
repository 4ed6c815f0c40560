import { memberOf, textOf } from "../json-member.ts";

export interface GraphqlFault {
  /** The gateway's. */
  readonly code: string;
  readonly message: string;
}

/** The first error of a result; undefined: there is none. */
export function graphqlFault(result: unknown): GraphqlFault | undefined {
  const error = memberOf(result, "errors", 0);
  if (error === undefined) return undefined;
  return {
    code: textOf(memberOf(error, "extensions", "code")) ?? "graphql_error",
    message: textOf(memberOf(error, "message")) ?? "nothing more was said",
  };
}
