// What the semantic cache has counted, for whoever chooses a threshold: over all tenants, as routes are everybody's.

import type { Disagreement } from "../../../core/cache/semantic/guards.ts";
import type {
  RouteSemanticReport as RouteReport,
  SemanticCacheReport as Report,
  SimilarityBand as Band,
} from "../../../core/cache/semantic/semantic-report.ts";
import { builder } from "../builder.ts";

const guards = {
  CODE: { value: "code", description: "Code." },
  QUOTES: { value: "quotes", description: "What stands in quotes." },
  NUMBERS: { value: "numbers", description: "Numbers, with their units." },
  OPERATORS: { value: "operators", description: "Signs such as + and <." },
  NEGATION: { value: "negation", description: "How often they say no." },
  NAMES: { value: "names", description: "Names and identifiers." },
  LANGUAGES: { value: "languages", description: "Languages that they name." },
  ASKED: { value: "asked", description: "When, where, who, why, how or how many." },
  OPPOSITES: { value: "opposites", description: "One says the opposite of a word of the other." },
  TENSE: { value: "tense", description: "Whether it is past." },
  PERSONS: { value: "persons", description: "Whose it is." },
  WORDS: { value: "words", description: "One says something that the other does not." },
  ORDER: { value: "order", description: "The order of their words." },
  SCRIPT: { value: "script", description: "Letters of which no words are known here." },
} satisfies Record<Uppercase<Disagreement>, { value: Disagreement; description: string }>;

const SemanticGuardEnum = builder.enumType("SemanticGuard", {
  description: "What two questions must agree in, however near they are.",
  values: guards,
});

interface Refusals {
  readonly guard: Disagreement;
  readonly count: number;
}

const refusalsIn = ({ guardRefused }: Band): readonly Refusals[] =>
  Object.values(guards).flatMap(({ value: guard }) => {
    const count = guardRefused[guard];
    return count === undefined ? [] : [{ guard, count }];
  });

// Counts are Float: an Int ends at 2³¹, which a gateway may reach.
const GuardRefusals = builder.objectRef<Refusals>("GuardRefusals").implement({
  description: "Calls whose nearest question was refused by a guard.",
  fields: (t) => ({
    guard: t.expose("guard", { type: SemanticGuardEnum }),
    count: t.exposeFloat("count"),
  }),
});

const SimilarityBand = builder.objectRef<Band>("SimilarityBand").implement({
  description: "Calls whose nearest answered question was so near.",
  fields: (t) => ({
    from: t.exposeFloat("from", { description: "The similarity from which on." }),
    to: t.exposeFloat("to", { description: "Up to here; the last band holds 1 too." }),
    wouldHit: t.exposeFloat("wouldHit", {
      description: "In shadow mode: the guards let it pass, and its answer is still kept.",
    }),
    agreed: t.exposeFloat("agreed", {
      description: "Of those, compared with the answer that was given: both say the same.",
    }),
    disagreed: t.exposeFloat("disagreed", { description: "They do not." }),
    guardRefused: t.field({ type: [GuardRefusals], resolve: refusalsIn }),
  }),
});

const RouteSemanticReport = builder.objectRef<RouteReport>("RouteSemanticReport").implement({
  description: "What was found by meaning for the calls of one route.",
  fields: (t) => ({
    route: t.exposeString("route"),
    lookUps: t.exposeFloat("lookUps", { description: "Calls that took part: their exact key had missed." }),
    served: t.exposeFloat("served", { description: "Calls that were given another question's answer." }),
    wouldServe: t.exposeFloat("wouldServe", {
      description: "Calls that would have been, over the route's threshold, in shadow mode.",
    }),
    hitRatePercent: t.exposeFloat("hitRatePercent", {
      description: "served and wouldServe in a hundred look-ups, with two decimals.",
    }),
    withoutVector: t.exposeFloat("withoutVector", {
      description:
        "Calls whose question had no vector: the embedder failed, was late, is left alone for a while, or cannot be paid.",
    }),
    bands: t.expose("bands", { type: [SimilarityBand], description: "By similarity, the least first." }),
    disagreeing: t.exposeIDList("disagreeing", {
      description: "The ids of the latest calls whose own answer was another: read both before you serve.",
    }),
    suggestedThreshold: t.exposeFloat("suggestedThreshold", {
      nullable: true,
      description:
        "The least threshold from which on no more than 1 % of at least 100 compared answers were another. Null: " +
        "the evidence does not give one.",
    }),
  }),
});

const SemanticCacheReport = builder.objectRef<Report>("SemanticCacheReport").implement({
  description: "What this gateway has found by meaning since the start of its process, over all tenants.",
  fields: (t) => ({ routes: t.expose("routes", { type: [RouteSemanticReport] }) }),
});

builder.queryField("semanticCacheReport", (t) =>
  t.field({
    type: SemanticCacheReport,
    authScopes: { permission: "metrics:view" },
    description: "How often another question's answer was given, or would have been, and how often rightly.",
    resolve: (_, _args, { gateway }) => gateway.semanticCacheReport(),
  }),
);
