// What PostgreSQL or the way to it says when something fails, in words for whoever runs the gateway.

import { DatabaseError } from "./database-url.ts";

/**
 * By SQLSTATE (PostgreSQL's manual, appendix A), error code of Node, or the driver's words: what the database
 * does, and what to do about it.
 */
const advice: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, "has a host that is not known. Correct the host's name"],
  [/ECONNREFUSED/, "refuses connections. Start PostgreSQL there, or correct host and port"],
  [/ENOENT/, "cannot be reached by that socket, or a file of its URL is not there. Correct the path"],
  [
    /client password must be|empty password/,
    "asks for a password. Write it as postgresql://user:password@…, or set PGPASSWORD",
  ],
  [/28P01/, "refuses the user's name or the password. Correct them"],
  [/28000/, "lets this user not in from here. Let it in by pg_hba.conf, or add sslmode=require to the URL"],
  [/3D000/, "does not exist. Create it (createdb), or correct the name at the URL's end"],
  [
    /42501/,
    "does not let this user do that. Grant it the rights to create and to write tables in its schema",
  ],
  [/25006/, "can only be read: it is a standby, or set to read-only. Name the primary server"],
  [/53300|too many clients/, "has no connection left. Raise its max_connections, or lower DATABASE_POOL_MAX"],
  [/53100|58030/, "cannot be written, as its disk is full or fails. Make room there"],
  [/57P03/, "does not take connections yet. Wait until it has started"],
  [/57P01|57P02/, "was stopped, or ended the connection. See whether it runs"],
  [/57014|Query read timeout/, "takes too long to answer. See what it is busy with"],
  [
    /42P01|42703/,
    "lacks a table or column of the gateway's. Restore it from a backup, or name an empty database",
  ],
  [/does not support SSL/, "speaks no TLS. Turn it on there, or write sslmode=disable"],
  [
    /CERT|SELF_SIGNED|verify-ca|certificate|ALTNAME|ERR_SSL|ERR_TLS|EPROTO/,
    "has a TLS certificate that cannot be trusted. Name its authority by sslrootcert=<file>, or write " +
      "sslmode=require to encrypt without a check",
  ],
  [
    /timeout|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/i,
    "does not answer. Correct host and port, and see to the network",
  ],
  [
    /ECONNRESET|EPIPE|terminated|not queryable|closed the connection/,
    "broke the connection. See whether it runs",
  ],
];

/** As a sentence that names the database, without its password. */
export function postgresFailure(label: string, error: unknown): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { code, message } = saidBy(error);
  const known = advice.find(([pattern]) => pattern.test(`${code} ${message}`));
  const text = known?.[1] ?? "cannot be used. Mend what it says here";
  return new DatabaseError(`The PostgreSQL database ${label} ${text}. (${message})`, { cause: error });
}

/** Whether a statement failed for what it was to write, and not for the state of the server or the way to it. */
export function isAboutTheValues(error: unknown): error is Error {
  // A text that is too long for JavaScript itself.
  if (error instanceof RangeError) return true;
  // 21: a row twice in a batch, 22: data, 23: constraints, 54: limits of the program.
  return error instanceof Error && /^(21|22|23|54)/.test(codeOf(error));
}

function saidBy(error: unknown): { readonly code: string; readonly message: string } {
  // A host of several addresses fails once for each.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return { code: "", message: String(first) };
  return { code: codeOf(first), message: first.message };
}

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");
