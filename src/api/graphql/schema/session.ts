// Users' sessions: log-in by email and password, refresh, and their end.

import type { StartedSession as StartedSessionShape } from "../../../core/directory/sessions.ts";
import { builder } from "../builder.ts";
import { User } from "./user.ts";

const StartedSession = builder.objectRef<StartedSessionShape>("StartedSession").implement({
  description: "Whoever has logged in, and what to go on with. Tokens are shown this once.",
  fields: (t) => ({
    user: t.expose("user", { type: User, description: "Who has logged in." }),
    accessToken: t.exposeString("accessToken", {
      description: "A credential like any key: sent as `Authorization: Bearer`.",
    }),
    accessExpiresAt: t.expose("accessExpiresAtMs", {
      type: "DateTime",
      description: "When it ends: refresh before.",
    }),
    refreshToken: t.exposeString("refreshToken", {
      description: "What `refreshSession` takes, once: each refresh gives the next.",
    }),
    refreshExpiresAt: t.expose("refreshExpiresAtMs", {
      type: "DateTime",
      description: "When it ends: then log in again.",
    }),
  }),
});

builder.mutationField("logIn", (t) =>
  t.field({
    type: StartedSession,
    authScopes: { public: true },
    description: "Begins a session. It needs no credential.",
    args: {
      email: t.arg.string({ required: true, description: "The user's." }),
      password: t.arg.string({ required: true, description: "The user's, for log-in here." }),
      tenant: t.arg.id({
        description: "Needed where users of several tenants have the email and the password.",
      }),
    },
    resolve: (_, { email, password, tenant }, { gateway, caller }) =>
      gateway.sessions.logIn(
        { email, password, tenantId: tenant ?? undefined },
        caller.principal.origin ?? {},
      ),
  }),
);

builder.mutationField("refreshSession", (t) =>
  t.field({
    type: StartedSession,
    authScopes: { public: true },
    description: "Goes on with a session. It needs no credential but its token, which it replaces.",
    args: { refreshToken: t.arg.string({ required: true, description: "What the last answer gave." }) },
    resolve: (_, { refreshToken }, { gateway, caller }) =>
      gateway.sessions.refresh(refreshToken, caller.principal.origin ?? {}),
  }),
);

builder.mutationField("logOut", (t) =>
  t.boolean({
    authScopes: { signedIn: true },
    description: "Ends the caller's session. True: it is over, or there was none.",
    async resolve(_, _args, { gateway, caller }) {
      await gateway.sessions.logOut(caller.principal);
      return true;
    },
  }),
);

builder.mutationField("logOutEverywhere", (t) =>
  t.boolean({
    authScopes: { signedIn: true },
    description: "Ends all of the caller's sessions. True: they are over, or there were none.",
    async resolve(_, _args, { gateway, caller }) {
      await gateway.sessions.logOutEverywhere(caller.principal);
      return true;
    },
  }),
);
