// Who calls, and who administers: keys, tokens, sessions, the directory behind them and its audit trail, put together.

import { createHash } from "node:crypto";
import type { Settings } from "./config/configuration.ts";
import type { NetworkCheck } from "./config/networks.ts";
import { inNetworks } from "./config/networks.ts";
import { createKeyRing } from "./config/secret/key-ring.ts";
import type { ServerSecret } from "./config/secret/server-secret.ts";
import type { SharedKeyStore } from "./core/directory/shared-key-store.ts";
import { createChangeSignal } from "./core/change-signal.ts";
import { createAccess } from "./core/access/create-access.ts";
import type { Access } from "./core/access/access.ts";
import type { CredentialCheck } from "./core/access/credential-check.ts";
import type { KnownTenants } from "./core/access/known-tenants.ts";
import type { Clock } from "./core/clock.ts";
import type { Administration } from "./core/directory/administration.ts";
import { createAdministration } from "./core/directory/create-administration.ts";
import { createAuditTrail, type WrittenTrail } from "./core/directory/create-audit-trail.ts";
import type { DirectoryFollower, DirectoryStore } from "./core/directory/directory-store.ts";
import type { AuditKey } from "./core/directory/secrets.ts";
import type { Sessions } from "./core/directory/sessions.ts";
import type { ReportFault } from "./core/errors.ts";
import type { NewId } from "./core/ids.ts";
import type { PlainFetch } from "./core/plain-fetch.ts";
import type { Signals } from "./core/signals.ts";
import type { OpenCalls } from "./core/open-calls.ts";
import { clientSecretPurpose, createDirectorySecrets } from "./identity/directory-secrets.ts";
import { createExternalTokenCheck } from "./identity/jwt/external-token-check.ts";
import { createSessionCheck } from "./identity/jwt/session-check.ts";
import { createKeyDirectory } from "./identity/keys/key-directory.ts";
import { apiKeyHashPurpose } from "./identity/keys/key-hashes.ts";
import { createSessions } from "./identity/sessions/create-sessions.ts";
import { createSharedKeys, type SharedKeys, sharedKeyPurpose } from "./identity/keys/shared-keys.ts";
import { createDirectoryWatch, type DirectoryWatch } from "./identity/watch/directory-watch.ts";
import { createCheckedFetch } from "./providers/upstream/checked-fetch.ts";
import { createIssuerAddressRule } from "./issuer-address-rule.ts";
import { isLoopbackHost, isLoopbackName } from "./core/access/host-name.ts";

/** What audit entries are chained with, and nothing else. */
const auditPurpose = "audit-chain";
const directoryChannel = "sluice:directory";

export interface IdentityParts {
  readonly settings: Settings;
  readonly secret: ServerSecret;
  readonly store: DirectoryStore;
  readonly signals: Signals;
  /** Where gateways share what they find of keys; absent: nowhere. Closed by whoever has made it. */
  readonly sharedKeys?: SharedKeyStore | undefined;
  readonly openCalls: OpenCalls;
  /** Where a tenant's issuer may be. */
  readonly allowsAddress: NetworkCheck;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly reportFault: ReportFault;
}

export interface Identity {
  readonly access: Access;
  readonly tenants: KnownTenants;
  readonly administration: Administration;
  readonly sessions: Sessions;
  readonly trail: WrittenTrail;
  /** Reads what has to be known before the first call. Rejects with what the database says. */
  start(): Promise<void>;
  problems(): readonly string[];
  /** Writes what is left for the directory; before the database is closed. */
  close(): Promise<void>;
}

/** The keys that audit entries are chained with: lazily, as the first one may make the server's secret. */
export function auditKeysOf(secret: ServerSecret): () => readonly AuditKey[] {
  const keys = createKeyRing(secret, auditPurpose);
  return () => {
    // The first one makes the secret where there is none.
    keys.current();
    return keys.all().map(({ id, key }) => ({ id, key: key.export() }));
  };
}

export function createIdentity(parts: IdentityParts): Identity {
  const { settings, secret, store, clock, newId, reportFault } = parts;
  const keys = createKeyRing(secret, apiKeyHashPurpose);
  const secrets = createDirectorySecrets({ keys, sealingKeys: createKeyRing(secret, clientSecretPurpose) });
  const trail = createAuditTrail({ store, newId, clock, reportFault });
  const watch = createDirectoryWatch(parts);
  const change = createChangeSignal({
    signals: parts.signals,
    channel: directoryChannel,
    self: newId(),
    clock,
    look: () => void watch.look(),
  });
  const changedHere = (): Promise<void> => {
    change.tell();
    return watch.look();
  };
  const hearsChanges = () => watch.hearsChanges();
  const shared = sharedKeysOf(parts, watch);
  const keyDirectory = createKeyDirectory({ store, clock, watch, keys, shared, reportFault });
  const sessionCheck = createSessionCheck({ store, secret, clock, hearsChanges });
  // What the operator configures may be anywhere.
  const operators = createCheckedFetch(() => true);
  const external = externalCheck({ ...parts, fetch: operators.fetch }, hearsChanges);
  if (shared !== undefined) watch.markBy(shared);
  for (const follower of [keyDirectory, sessionCheck, ...external]) watch.follow(follower);
  const allowsLoopback =
    isLoopbackHost(settings.host) && (servesItsMachineAlone(settings) || parts.allowsAddress("127.0.0.1"));
  const isLoopback = inNetworks(["127.0.0.0/8", "::1"]);
  const issuers = createCheckedFetch(
    (address) => (allowsLoopback && isLoopback(address)) || parts.allowsAddress(address),
  );
  return {
    access: createAccess({
      ...keylessOptions(settings),
      credentials: [sessionCheck, ...external, keyDirectory],
      hasApiKeys: () => watch.hasApiKeys(),
      tenants: watch.tenants,
      auditTrail: trail,
    }),
    tenants: watch.tenants,
    administration: createAdministration({
      store,
      secrets,
      trail,
      newId,
      clock,
      reportFault,
      changed: changedHere,
      allowsLoopbackIssuers: allowsLoopback,
      staysKeyless: settings.authRequired === false,
    }),
    sessions: createSessions({
      store,
      secrets,
      secret,
      trail,
      clock,
      newId,
      fetch: issuers.fetch,
      changed: (entry) => {
        sessionCheck.forget([entry]);
        void changedHere();
      },
      allowsLoopback,
      allowsAddress: createIssuerAddressRule(parts.allowsAddress),
    }),
    trail,
    async start() {
      await watch.start();
      await shared?.start();
      change.start();
    },
    problems: () => [...watch.problems(), ...trail.problems()],
    async close() {
      change.stop();
      await watch.stop();
      await keyDirectory.close();
      await trail.close();
      await Promise.all([issuers.close(), operators.close()]);
    },
  };
}

function sharedKeysOf(
  { sharedKeys, settings, secret, store, clock }: IdentityParts,
  watch: DirectoryWatch,
): SharedKeys | undefined {
  if (sharedKeys === undefined) return undefined;
  const keys = createKeyRing(secret, sharedKeyPurpose);
  return createSharedKeys({
    shared: sharedKeys,
    store,
    watch,
    keys,
    database: settings.databaseUrl,
    clock,
  });
}

/** A gateway that listens on loopback, as far as its settings tell. */
const servesItsMachineAlone = ({ publicUrl, trustProxy }: Settings): boolean =>
  trustProxy.length === 0 && (publicUrl === undefined || isLoopbackName(new URL(publicUrl).hostname));

function keylessOptions(settings: Settings) {
  const { apiKeys, authRequired, keylessNetworks, allowedHosts, corsOrigins } = settings;
  return {
    apiKeys,
    authRequired,
    servesKeyless: inNetworks(keylessNetworks),
    allowedHosts,
    allowedOrigins: corsOrigins,
    digest: (text: string) => createHash("sha256").update(text).digest("hex"),
  };
}

/** One where an issuer is configured. */
function externalCheck(
  { settings, store, clock, fetch }: IdentityParts & { readonly fetch: PlainFetch },
  hearsChanges: () => boolean,
): readonly (CredentialCheck & DirectoryFollower)[] {
  const { jwtIssuer: issuer, jwtAudience: audience, jwtJwksUrl: jwksUrl } = settings;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) return [];
  return [
    createExternalTokenCheck({
      issuer,
      audience,
      jwksUrl,
      algorithms: settings.jwtAlgorithms,
      clockSkewSeconds: settings.jwtClockSkewSeconds,
      tenantClaim: settings.jwtTenantClaim,
      roleClaim: settings.jwtRoleClaim,
      store,
      clock,
      hearsChanges,
      fetch,
    }),
  ];
}
