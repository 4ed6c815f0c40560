// The port that makes and checks what the directory keeps of secrets.

import type { SealedText } from "../managed/config-store.ts";
import type { KeyedHash } from "./credentials.ts";

export interface NewApiKey {
  /** As `slc_live_…`: shown once. */
  readonly secret: string;
  readonly prefix: string;
  readonly hash: KeyedHash;
}

export interface DirectorySecrets {
  newApiKey(environment: "live" | "test"): NewApiKey;
  /**
   * Argon2id in PHC's form; takes tens of milliseconds on a thread of its own. Whoever asks for much waits for their own,
   * and not everybody: `askedBy` names them, as a tenant or an address. @throws GatewayError `overloaded`
   */
  hashPassword(password: string, askedBy: string): Promise<string>;
  verifyPassword(password: string, hash: string, askedBy: string): Promise<boolean>;
  /** Opens for that tenant's sign-on alone. */
  sealClientSecret(secret: string, tenantId: string): SealedText;
  openClientSecret(sealed: SealedText, tenantId: string): string;
  /** Of the keys that new things are hashed and sealed with. */
  keyIds(): readonly string[];
}

/** A key for the chain of audit entries; the first of several is what new entries are made with. */
export interface AuditKey {
  readonly id: string;
  /** 256 bits. */
  readonly key: Uint8Array;
}
