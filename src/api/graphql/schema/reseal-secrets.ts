// The mutation that follows a change of the server's secret.

import { builder } from "../builder.ts";

interface ResealReportShape {
  readonly resealed: number;
  readonly keysLeft: number;
  readonly problems: readonly string[];
}

const ResealReport = builder.objectRef<ResealReportShape>("ResealReport").implement({
  description: "What became of secrets after the server's own was changed.",
  fields: (t) => ({
    resealed: t.exposeInt("resealed", {
      description: "Secrets of providers and of sign-on that are now sealed with the new one.",
    }),
    keysLeft: t.exposeInt("keysLeft", {
      description: "API keys that have not been used since: they need the earlier secret until they are.",
    }),
    problems: t.exposeStringList("problems", {
      description: "Whose secret could not be opened, and what helps.",
    }),
  }),
});

builder.mutationField("resealSecrets", (t) =>
  t.field({
    type: ResealReport,
    authScopes: { permission: "providers:update" },
    description:
      "Seals all that an earlier SLUICE_SECRET sealed with the current one, so that SLUICE_SECRET_PREVIOUS can be dropped. Earlier entries of the audit trail stay as they are: to verify them, the earlier secret is needed again.",
    async resolve(_, __, { gateway, caller: { principal } }) {
      const providers = await gateway.settings.resealSecrets(principal);
      const directory = await gateway.administration.resealClientSecrets(principal);
      return {
        resealed: providers.resealed + directory.resealed,
        keysLeft: directory.keysLeft,
        problems: [...providers.problems, ...directory.problems],
      };
    },
  }),
);
