// Proofs that are given back with reasoning and tool calls: only their own vendor takes them.

import type { Proof } from "./part-writer.ts";

const noProof: Proof = {};

/** The part's proof where it is this vendor's; one that names no vendor is taken for its own. */
export function givenProof(part: Proof, vendor: string): Proof {
  const { signature, redactedData } = part;
  if (part.vendor !== undefined && part.vendor !== "" && part.vendor !== vendor) return noProof;
  return {
    signature: signature === "" ? undefined : signature,
    redactedData: redactedData === "" ? undefined : redactedData,
  };
}
