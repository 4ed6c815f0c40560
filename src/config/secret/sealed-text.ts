// Texts that the database keeps and only the server's secret opens (AES-256-GCM).

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SealedText } from "../../core/managed/config-store.ts";
import { ConfigurationError } from "../configuration.ts";
import type { KeyRing } from "./key-ring.ts";

/** Where a sealed text stands: moved elsewhere, it does not open. */
export interface SealedPlace {
  readonly table: string;
  readonly row: string;
  readonly column: string;
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** @throws ConfigurationError where the secret cannot be made */
export function sealText(text: string, place: SealedPlace, keys: KeyRing): SealedText {
  const { id, key } = keys.current();
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(boundTo(place, id));
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return { keyId: id, nonce, ciphertext };
}

/** @throws ConfigurationError that says what to set, or that it is not what was sealed there */
export function openSealed(sealed: SealedText, place: SealedPlace, keys: KeyRing): string {
  const known = keys.find(sealed.keyId);
  if (known === undefined) {
    throw new ConfigurationError(
      `Its secret was encrypted with another SLUICE_SECRET (key ${sealed.keyId}). Set SLUICE_SECRET_PREVIOUS to ` +
        "that one (where none was set, it stands in the .sluice/secret of then), or give the secret again. Gateways " +
        "of one database need the same.",
    );
  }
  const end = sealed.ciphertext.length - tagBytes;
  try {
    const decipher = createDecipheriv(algorithm, known.key, sealed.nonce, { authTagLength: tagBytes });
    decipher.setAAD(boundTo(place, sealed.keyId));
    decipher.setAuthTag(sealed.ciphertext.subarray(end));
    return decipher.update(sealed.ciphertext.subarray(0, end), undefined, "utf8") + decipher.final("utf8");
  } catch {
    throw new ConfigurationError(
      "Its secret was changed in the database, or moved there from elsewhere. Give the secret again.",
    );
  }
}

const boundTo = ({ table, row, column }: SealedPlace, keyId: string): Buffer =>
  Buffer.from(JSON.stringify([keyId, table, row, column]));
