// How much a tenant or a key may use at a time.

import type { UseLimits as UseLimitsShape } from "../../../core/access/grants.ts";
import { builder } from "../builder.ts";

const requestsPerMinute = "Calls a minute; as many may come at once. Null: the gateway's own limit.";
const tokensPerMinute = "Tokens a minute, read and written. Null: the gateway's own limit.";
const concurrentStreams = "Streams that are open at a time. Null: as many as there are.";

export const UseLimits = builder.objectRef<UseLimitsShape>("UseLimits").implement({
  description: "How much may be used. A key can only narrow what its tenant has.",
  fields: (t) => ({
    requestsPerMinute: t.exposeInt("requestsPerMinute", { nullable: true, description: requestsPerMinute }),
    tokensPerMinute: t.exposeInt("tokensPerMinute", { nullable: true, description: tokensPerMinute }),
    concurrentStreams: t.exposeInt("concurrentStreams", { nullable: true, description: concurrentStreams }),
  }),
});

export const UseLimitsInput = builder.inputType("UseLimitsInput", {
  description: "How much may be used: absent is as it was, null the default again.",
  fields: (t) => ({
    requestsPerMinute: t.int({ description: requestsPerMinute }),
    tokensPerMinute: t.int({ description: tokensPerMinute }),
    concurrentStreams: t.int({ description: concurrentStreams }),
  }),
});
