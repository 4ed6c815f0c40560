// What issuers tell of themselves (OpenID Connect Discovery 1.0), kept for an hour.

import { LRUCache } from "lru-cache";
import type { Configuration, CustomFetch, ServerMetadata } from "openid-client";
import type { Clock } from "../../core/clock.ts";
import type { PlainFetch } from "../../core/plain-fetch.ts";
import { GatewayError } from "../../core/errors.ts";
import { type BoundedFetch, createBoundedFetch } from "../bounded-fetch.ts";
import { type AddressOptions, createAddressCheck } from "./issuer-address.ts";
import { gatewayErrorIn } from "./sign-on-error.ts";

export interface IssuerPorts extends AddressOptions {
  readonly clock: Clock;
  readonly fetch: PlainFetch;
}

/** The gateway as an issuer knows it. */
export interface Client {
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
}

export interface Issuers {
  /** @throws GatewayError `unavailable`, `permission_denied` */
  configurationOf(client: Client): Promise<Configuration>;
}

const keptMs = 3_600_000;
/** An issuer that failed is left alone for so long. */
const failureKeptMs = 5_000;
const max = 200;

interface Kept {
  readonly metadata: Promise<ServerMetadata>;
  untilMs: number;
}

export function createIssuers(ports: IssuerPorts): Issuers {
  const { clock } = ports;
  const bounded = createBoundedFetch({ ...ports, allowsAddress: createAddressCheck(ports) });
  const kept = new LRUCache<string, Kept>({ max });

  async function metadataOf(issuer: string): Promise<ServerMetadata> {
    const known = kept.get(issuer);
    if (known !== undefined && clock.monotonicMs() < known.untilMs) return known.metadata;
    const asked: Kept = { metadata: discover(issuer, bounded), untilMs: clock.monotonicMs() + keptMs };
    kept.set(issuer, asked);
    try {
      return await asked.metadata;
    } catch (error) {
      asked.untilMs = clock.monotonicMs() + failureKeptMs;
      throw error;
    }
  }

  return {
    async configurationOf({ issuer, clientId, clientSecret }) {
      const [metadata, client] = await Promise.all([metadataOf(issuer), import("openid-client")]);
      const { token_endpoint_auth_methods_supported: methods = ["client_secret_basic"] } = metadata;
      const configuration = new client.Configuration(
        metadata,
        clientId,
        // Its own clock is the system's.
        { [client.clockSkew]: Math.round((clock.epochMs() - Date.now()) / 1_000) },
        clientSecret === undefined
          ? client.None()
          : methods.includes("client_secret_basic")
            ? client.ClientSecretBasic(clientSecret)
            : client.ClientSecretPost(clientSecret),
      );
      configuration[client.customFetch] = customFetch(bounded);
      // The address check is ours, and stricter: plain HTTP to loopback alone, where that is allowed.
      client.allowInsecureRequests(configuration);
      // The ID token comes straight from the issuer; its signature is checked all the same.
      client.enableNonRepudiationChecks(configuration);
      return configuration;
    },
  };
}

const customFetch =
  (bounded: BoundedFetch): CustomFetch =>
  (url, { method, headers, body }) =>
    bounded(url, {
      method,
      headers,
      // A form or nothing, in what is asked of it here.
      body: typeof body === "string" || body instanceof URLSearchParams ? body : undefined,
    });

/** @throws GatewayError `unavailable`, `permission_denied` */
async function discover(issuer: string, bounded: BoundedFetch): Promise<ServerMetadata> {
  const client = await import("openid-client");
  try {
    const found = await client.discovery(new URL(issuer), "unused", undefined, client.None(), {
      [client.customFetch]: customFetch(bounded),
      execute: [client.allowInsecureRequests],
    });
    return found.serverMetadata();
  } catch (cause) {
    throw (
      gatewayErrorIn(cause) ??
      new GatewayError({
        code: "unavailable",
        message:
          "The issuer of this sign-on does not describe itself as OpenID Connect asks. Ask an administrator to check " +
          "the issuer's address.",
        cause,
      })
    );
  }
}
