// Suites over a real issuer in a process of its own: each test has a new gateway with the tenant `acme`, which signs on
// there, and the issuer has accounts of every kind.

import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Sessions, StartedSession } from "../../../src/core/directory/sessions.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { Browser, startTestIssuer, type TestIssuer } from "../../support/oidc-provider.ts";
import type { SessionDirectory } from "../../support/session-directory.ts";
import { addAda, createTestSessions, type TestSessions } from "../../support/test-sessions.ts";

export const redirectUri = "http://127.0.0.1:9/auth/callback";
export const origin = { address: "192.0.2.7", correlationId: "corr-1" };
const clientSecret = "a secret of the client's, at the issuer";
const client = { redirect_uris: [redirectUri] };

/** Administers the tenant, whatever the issuer makes of others. */
export const boss = {
  id: "01900000-0000-7000-8000-00000000000b",
  email: "boss@example.com",
  role: "owner",
} as const;

/** What a browser brings back. */
export interface Back {
  readonly url: string;
  readonly state: string;
}

const accounts = {
  grace: {
    email: "Grace@Example.com",
    email_verified: true,
    name: "Grace Hopper",
    groups: ["staff", "engineers"],
  },
  ada: { email: "ada@example.com", email_verified: true, groups: ["engineers"] },
  unverified: { email: "ada@example.com", email_verified: false, groups: ["engineers"] },
  silent: { email: "ada@example.com", groups: ["engineers"] },
  newcomer: { email: "new@example.com", groups: ["engineers"] },
  refused: { email: "refused@example.com", email_verified: false, groups: ["engineers"] },
  nameless: { groups: ["engineers"] },
  // It begins with the Kelvin sign.
  kelvin: { email: "\u212aelvin@example.com", email_verified: true, groups: ["engineers"] },
  stranger: { email: "stranger@example.com", email_verified: true, groups: ["visitors"] },
};

export class RealIssuer {
  issuer: TestIssuer;
  made: TestSessions;

  constructor(issuer: TestIssuer) {
    this.issuer = issuer;
    this.made = createTestSessions({ clock: createManualClock(Date.now()) });
  }

  async prepare(): Promise<void> {
    this.made = createTestSessions({ clock: createManualClock(Date.now()) });
    await addAda(this.made);
    await this.made.directory.putUser(boss);
    await this.configure();
    await this.issuer.setClock(0);
    await this.issuer.setAccounts(accounts);
  }

  /** The tenant's sign-on, but for what is given. */
  configure(change: Partial<Parameters<SessionDirectory["putSsoConfig"]>[0]> = {}): Promise<void> {
    const { directory, secrets } = this.made;
    return directory.putSsoConfig(
      {
        issuer: this.issuer.url,
        scopes: ["email", "profile", "groups"],
        rolesOfGroups: { engineers: "developer", staff: "viewer", heads: "owner" },
        defaultRole: undefined,
        ...change,
      },
      {
        clientSecret:
          change.clientId === "public" ? undefined : secrets.sealClientSecret(clientSecret, "acme"),
      },
    );
  }

  begin(sessions: Sessions = this.made.sessions) {
    return sessions.beginSignOn({ tenantId: "acme", redirectUri });
  }

  async back(login = "grace", sessions: Sessions = this.made.sessions): Promise<Back> {
    const { location, state } = await this.begin(sessions);
    return { url: await new Browser().signOn(location, login, redirectUri), state };
  }

  finish(back: Back, sessions: Sessions = this.made.sessions): Promise<StartedSession> {
    return sessions.finishSignOn(back, origin);
  }

  async signOn(login: string): Promise<StartedSession> {
    return this.finish(await this.back(login));
  }

  user(email: string, tenantId?: string) {
    return this.made.directory.user(email, tenantId);
  }
}

/** To be called once in a file. */
export function useRealIssuer(): () => RealIssuer {
  let real: RealIssuer | undefined;
  const started = (): RealIssuer => {
    if (real === undefined) throw new Error("The issuer was not started.");
    return real;
  };
  beforeAll(async () => {
    real = new RealIssuer(
      await startTestIssuer([
        { ...client, client_id: "sluice", client_secret: clientSecret },
        { ...client, client_id: "public", token_endpoint_auth_method: "none" },
      ]),
    );
  });
  afterAll(() => started().issuer.close());
  beforeEach(() => started().prepare());
  return started;
}
