// One head more counts the trails that were begun, so that a trail which was taken away whole, head and all, is missed.
// Its hash is that of no entry: behind it stand the counts that were gone on from without their key, each with a note
// of its seal, for whoever has that key.

import type { AuditKey } from "../../core/directory/secrets.ts";
import type { RunStatement } from "../database-access.ts";
import { noteOfSeal, type Seal, type SealedHead, sealOf, sealOfNote } from "./audit-chain.ts";
import { holdHead, moveHead, readHeads } from "./audit-heads.ts";
import { rowFields } from "./row-fields.ts";

/** No tenant's name. Its sequence counts the trails. */
const trailCount = "*";

/** A count that somebody else has changed or taken away stays at fault, for `findTrails`. */
export async function countNewTrails(
  run: RunStatement,
  added: number,
  {
    keys,
    key,
    epochMs,
  }: { readonly keys: readonly AuditKey[]; readonly key: AuditKey; readonly epochMs: number },
): Promise<void> {
  const counted = await holdHead(run, trailCount, epochMs);
  const { sequence, hash } = counted;
  const seal = sequence === 0 ? await sealOfFirst(run, added) : sealOf(counted, keys);
  if (seal === "broken") return;
  const gone = seal === "unknown" ? ` ${sequence}:${noteOfSeal(counted)}` : "";
  await moveHead(run, { ...counted, sequence: sequence + added, hash: `${hash}${gone}` }, key);
}

/** A count begins with the first trails, and not again behind others. */
async function sealOfFirst(run: RunStatement, added: number): Promise<Seal> {
  const [row] = await run("select count(*) as trails from audit_heads where tenant_id <> ?", [trailCount]);
  return rowFields(row).number("trails") === added ? "valid" : "broken";
}

export interface FoundTrails {
  /** One that was begun is missing, or the end of one is not as it was written. */
  readonly isBroken: boolean;
  /** Ids of the keys that it would take to tell of the others. */
  readonly missingKeys: readonly string[];
}

export async function findTrails(run: RunStatement, keys: readonly AuditKey[]): Promise<FoundTrails> {
  const heads = await readHeads(run);
  const counted = heads.find(({ tenantId }) => tenantId === trailCount);
  const trails = counted === undefined ? heads.length : heads.length - 1;
  const found = [
    ...heads.map((head) => ({ keyId: head.keyId, seal: sealOf(head, keys) })),
    ...(counted === undefined ? [] : earlierCounts(counted, keys)),
  ];
  return {
    isBroken: trails !== (counted?.sequence ?? 0) || found.some(({ seal }) => seal === "broken"),
    missingKeys: [
      ...new Set(found.filter(({ seal }) => seal === "unknown").map(({ keyId }) => keyId)),
    ].sort(),
  };
}

const earlierCount = /^(?<sequence>\d{1,15}):(?<note>(?<keyId>[^:]+):[0-9a-f]{64})$/;

/** Each of them bound those before it. */
function earlierCounts(
  counted: SealedHead,
  keys: readonly AuditKey[],
): readonly { readonly keyId: string; readonly seal: Seal }[] {
  const [first = "", ...earlier] = counted.hash.split(" ");
  let hash = first;
  return earlier.map((text) => {
    const { sequence, note = "", keyId = "" } = earlierCount.exec(text)?.groups ?? {};
    const head = { tenantId: trailCount, sequence: Number(sequence), hash, keyId };
    hash = `${hash} ${text}`;
    return { keyId, seal: sequence === undefined ? "broken" : sealOfNote(note, head, keys) };
  });
}
