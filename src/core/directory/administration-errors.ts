// What administrators are told when a change cannot be made.

import { type FieldFault, GatewayError } from "../errors.ts";

/** `version`: the one now, where it is known. */
export const changedMeanwhile = (version?: number): GatewayError => {
  const now = version === undefined ? "" : `: its version is ${version} now`;
  const message = `It was changed meanwhile${now}. Read it, and change it again.`;
  return conflictOn({ field: "version", message });
};

/** @throws GatewayError `conflict` */
export function requireVersion(seen: number, version: number): void {
  if (seen !== version) throw changedMeanwhile(version);
}

/** Something else stands in the way. */
export const conflictOn = ({ field, message }: FieldFault): GatewayError =>
  new GatewayError({ code: "conflict", field, message: `${field}: ${message}` });
