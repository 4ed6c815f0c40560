// What a browser carries through its visit at the issuer: sealed, so that it can neither be read nor made, and good
// once and for ten minutes.

import { createKeyRing } from "../../config/secret/key-ring.ts";
import { openSealed, sealText } from "../../config/secret/sealed-text.ts";
import type { ServerSecret } from "../../config/secret/server-secret.ts";
import type { Clock } from "../../core/clock.ts";
import { createLazyCache } from "../lazy-cache.ts";
import { unauthenticated } from "../refusals.ts";

export interface SignOnState {
  readonly tenantId: string;
  /** As the tenant's sign-on was configured when it began. */
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface SignOnStates {
  seal(state: SignOnState): string;
  /** Takes it: a second time it is refused. @throws GatewayError `unauthenticated` */
  take(sealed: string): SignOnState;
}

const purpose = "sign-on-state/aes-256-gcm";
const place = { table: "sign_on", row: "state", column: "cookie" };
const lifeMs = 10 * 60_000;
const maxChars = 4_096;
/** Those that were used within their ten minutes; their codes are good for one use at the issuer as well. */
const usedMax = 10_000;

export function createSignOnStates({
  secret,
  clock,
}: {
  readonly secret: ServerSecret;
  readonly clock: Clock;
}): SignOnStates {
  const keys = createKeyRing(secret, purpose);
  const used = createLazyCache<string, true>(usedMax);

  return {
    seal(state) {
      const text = JSON.stringify({ ...state, endsAtMs: clock.epochMs() + lifeMs });
      const { keyId, nonce, ciphertext } = sealText(text, place, keys);
      return [keyId, base64(nonce), base64(ciphertext)].join(".");
    },
    take(sealed) {
      const opened = sealed.length > maxChars ? undefined : open(sealed);
      if (opened === undefined) throw unauthenticated(`The sign-on was not begun here. ${again}`);
      const { endsAtMs, ...state } = opened;
      if (clock.epochMs() >= endsAtMs) {
        throw unauthenticated(`The sign-on took longer than ten minutes. ${again}`);
      }
      if (used.use().has(state.state)) throw unauthenticated(`This sign-on was finished before. ${again}`);
      used.use().set(state.state, true);
      return state;
    },
  };

  function open(sealed: string): (SignOnState & { readonly endsAtMs: number }) | undefined {
    const [keyId = "", nonce = "", ciphertext = "", ...rest] = sealed.split(".");
    if (rest.length > 0) return undefined;
    try {
      return stateOf(openSealed({ keyId, nonce: bytes(nonce), ciphertext: bytes(ciphertext) }, place, keys));
    } catch {
      return undefined;
    }
  }
}

const again = "Begin it again.";
const base64 = (from: Uint8Array): string => Buffer.from(from).toString("base64url");
const bytes = (text: string): Uint8Array => Buffer.from(text, "base64url");

function stateOf(text: string): (SignOnState & { readonly endsAtMs: number }) | undefined {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const members = new Map<string, unknown>(Object.entries(parsed));
  const textAt = (name: string): string => {
    const value = members.get(name);
    return typeof value === "string" ? value : "";
  };
  const endsAtMs = members.get("endsAtMs");
  if (typeof endsAtMs !== "number") return undefined;
  return {
    tenantId: textAt("tenantId"),
    issuer: textAt("issuer"),
    clientId: textAt("clientId"),
    redirectUri: textAt("redirectUri"),
    state: textAt("state"),
    nonce: textAt("nonce"),
    verifier: textAt("verifier"),
    endsAtMs,
  };
}
