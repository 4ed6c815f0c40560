// Sign-on by a tenant's own issuer: OpenID Connect's authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1;
// RFC 7636).

import type { Configuration } from "openid-client";
import type { Origin } from "../../core/access/principal.ts";
import type { AuditTrail } from "../../core/directory/audit.ts";
import type { ChangedEntry, DirectoryStore } from "../../core/directory/directory-store.ts";
import type { SsoConfig } from "../../core/directory/entries.ts";
import type { DirectorySecrets } from "../../core/directory/secrets.ts";
import type { Sessions, StartedSession } from "../../core/directory/sessions.ts";
import { isSlug } from "../../core/directory/rules/ids.ts";
import { GatewayError } from "../../core/errors.ts";
import type { ServerSecret } from "../../config/secret/server-secret.ts";
import { fromStore } from "../from-store.ts";
import { unauthenticated } from "../refusals.ts";
import { refused } from "../sessions/session-entries.ts";
import type { SignInLimits } from "../sessions/sign-in-limits.ts";
import { startSession, type StartPorts } from "../sessions/start-session.ts";
import { checkBrowserAddress } from "./issuer-address.ts";
import { createIssuers, type IssuerPorts } from "./issuers.ts";
import { type Person, personOf, wholeClaims } from "./person.ts";
import { signOnError } from "./sign-on-error.ts";
import { createSignOnStates, type SignOnState } from "./sign-on-state.ts";
import { signedOnUser } from "./sign-on-user.ts";

export type SignOnOptions = Pick<IssuerPorts, "fetch" | "allowsAddress" | "allowsLoopback">;

export interface SignOnPorts extends IssuerPorts, StartPorts {
  readonly store: Pick<
    DirectoryStore,
    "activeUser" | "ssoConfig" | "tenantsById" | "touchUser" | "userByExternalId" | "usersByEmail" | "write"
  >;
  readonly secrets: Pick<DirectorySecrets, "openClientSecret">;
  readonly secret: ServerSecret;
  readonly trail: AuditTrail;
  readonly limits: SignInLimits;
  readonly changed: (entry: ChangedEntry) => void;
}

interface Configured {
  readonly config: SsoConfig;
  readonly clientSecret: string | undefined;
}

export function createSignOn(ports: SignOnPorts): Pick<Sessions, "beginSignOn" | "finishSignOn"> {
  const { limits, trail } = ports;
  const issuers = createIssuers(ports);
  const states = createSignOnStates(ports);

  const clientOf = ({ config: { issuer, clientId }, clientSecret }: Configured): Promise<Configuration> =>
    issuers.configurationOf({ issuer, clientId, clientSecret });

  async function finish(state: SignOnState, url: string, origin: Origin): Promise<StartedSession> {
    const configured = await configuredOf(state.tenantId, ports);
    const { config } = configured;
    if (config.issuer !== state.issuer || config.clientId !== state.clientId) {
      throw unauthenticated("The sign-on was changed meanwhile. Begin it again.");
    }
    const client = await clientOf(configured);
    const person = await personBehind({ client, state, url, config });
    return sessionOf({ person, config, origin }, ports);
  }

  return {
    async beginSignOn({ tenantId, redirectUri, origin = {} }) {
      limits.countSignOn(origin);
      const attempt = limits.begin({ action: "session.sign_on", origin });
      const configured = await configuredOf(tenantId, ports).catch((error: unknown) => {
        // Names that are guessed cost queries.
        const isGuess = error instanceof GatewayError && error.code === "not_found";
        if (!isGuess) attempt.succeeded();
        throw error;
      });
      attempt.succeeded();
      const client = await clientOf(configured);
      const { config } = configured;
      const openid = await import("openid-client");
      const state: SignOnState = {
        tenantId,
        issuer: config.issuer,
        clientId: config.clientId,
        redirectUri,
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        verifier: openid.randomPKCECodeVerifier(),
      };
      checkBrowserAddress(client.serverMetadata().authorization_endpoint, ports);
      const location = openid.buildAuthorizationUrl(client, {
        redirect_uri: redirectUri,
        scope: [...new Set(["openid", ...config.scopes])].join(" "),
        state: state.state,
        nonce: state.nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(state.verifier),
        code_challenge_method: "S256",
      });
      return { location: location.href, state: states.seal(state) };
    },

    async finishSignOn({ url, state: sealed }, origin) {
      const attempt = limits.begin({ action: "session.sign_on", origin });
      let tenantId: string | undefined;
      try {
        const state = states.take(sealed);
        tenantId = state.tenantId;
        // What one issuer has answered is never given to another: it may have sent the browser there itself.
        if (url.split("?", 1)[0] !== state.redirectUri) {
          throw unauthenticated("What came back is of another tenant's sign-on. Begin again.");
        }
        const started = await finish(state, url, origin);
        attempt.succeeded();
        return started;
      } catch (error) {
        const code = error instanceof GatewayError ? error.code : "internal";
        if (code !== "unauthenticated") attempt.succeeded();
        if (error instanceof GatewayError && (code === "unauthenticated" || code === "permission_denied")) {
          const kind = code === "permission_denied" ? "decision" : undefined;
          const reason = error.message;
          trail.note(refused({ action: "session.sign_on", kind, reason, tenantId, origin }));
        }
        throw error;
      }
    },
  };
}

const noSignOn = (): GatewayError =>
  new GatewayError({
    code: "not_found",
    message: "This tenant has no sign-on. Check its name, or log in by email and password.",
  });

/** @throws GatewayError `not_found`, `unavailable` */
async function configuredOf(tenantId: string, { store, secrets }: SignOnPorts): Promise<Configured> {
  // What cannot be a tenant's name is not asked for.
  if (!isSlug(tenantId)) throw noSignOn();
  const [found, [tenant]] = await fromStore(
    Promise.all([store.ssoConfig(tenantId), store.tenantsById([tenantId])]),
  );
  if (found === undefined || tenant === undefined || !found.config.active || !tenant.active) {
    throw noSignOn();
  }
  const { config, credential } = found;
  if (credential.clientSecret === undefined) return { config, clientSecret: undefined };
  try {
    return { config, clientSecret: secrets.openClientSecret(credential.clientSecret, tenantId) };
  } catch (cause) {
    throw new GatewayError({
      code: "unavailable",
      message: "The client secret of this sign-on cannot be opened. Ask an administrator to set it again.",
      cause,
    });
  }
}

/** Whom the issuer gives an ID token for, in exchange for the code. @throws GatewayError */
async function personBehind(asked: {
  readonly client: Configuration;
  readonly state: SignOnState;
  readonly url: string;
  readonly config: SsoConfig;
}): Promise<Person> {
  const { client, state, config } = asked;
  const openid = await import("openid-client");
  // Nothing is taken from the address but what the issuer has added.
  const back = new URL(state.redirectUri);
  back.search = new URL(asked.url).search;
  try {
    const tokens = await openid.authorizationCodeGrant(client, back, {
      expectedState: state.state,
      expectedNonce: state.nonce,
      pkceCodeVerifier: state.verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw unauthenticated("The issuer gave no ID token. Begin again.");
    const isWhole = Object.hasOwn(claims, "email") && Object.hasOwn(claims, config.groupsClaim);
    if (isWhole || client.serverMetadata().userinfo_endpoint === undefined) {
      return personOf(claims, config.groupsClaim);
    }
    const more = await openid.fetchUserInfo(client, tokens.access_token, claims.sub);
    return personOf(wholeClaims(claims, more), config.groupsClaim);
  } catch (error) {
    throw await signOnError(error);
  }
}

/** How often it is looked again at a user whom somebody else changes at the same time. */
const maxTurns = 3;

async function sessionOf(
  asked: { readonly person: Person; readonly config: SsoConfig; readonly origin: Origin },
  ports: SignOnPorts,
): Promise<StartedSession> {
  for (let turn = 0; turn < maxTurns; turn += 1) {
    const { user, changes, audit } = await signedOnUser(asked, ports);
    const start = { user, changes, audit, action: "session.sign_on", origin: asked.origin } as const;
    const started = await startSession(start, ports);
    if (typeof started === "string") continue;
    if (changes.length > 0) ports.changed({ kind: "user", id: user.id });
    return started;
  }
  throw new GatewayError({
    code: "conflict",
    message: "Somebody else is changing this user. Begin the sign-on again.",
  });
}
