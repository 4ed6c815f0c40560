// Who may use the gateway, and what it may reach for them.

import { parseNetworks } from "../networks.ts";
import { define } from "../setting.ts";
import {
  bearerText,
  boolean,
  integer,
  keysUrl,
  listOf,
  notEmpty,
  oneOf,
  optional,
  secretText,
  secretTexts,
  text,
} from "../setting-values.ts";

/** Signatures with a public key (RFC 7518, RFC 8037): what needs a shared secret, or none, is no issuer's. */
const jwtAlgorithms: ReadonlySet<string> = new Set(
  "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split(" "),
);

export const accessSettings = {
  apiKeys: define({
    variable: "SLUICE_API_KEYS",
    kind: listOf("keys of 16 characters or more, with commas between them", (key) => key.length >= 16),
    fallback: [],
    purpose: "keys of the tenant `default`; with none the gateway is keyless",
  }),
  secret: define({
    variable: "SLUICE_SECRET",
    kind: optional(secretText),
    fallback: undefined,
    purpose: "the one secret of the server; on a loopback HOST it is made and kept in .sluice/secret",
  }),
  secretPrevious: define({
    variable: "SLUICE_SECRET_PREVIOUS",
    kind: secretTexts,
    fallback: [],
    purpose:
      "secrets before it was changed, with commas between them: open and verify what was made with them",
  }),
  authRequired: define({
    variable: "AUTH_REQUIRED",
    kind: optional(boolean),
    fallback: undefined,
    purpose: "true asks for a key even before the first exists, false never does",
  }),
  keylessNetworks: define({
    variable: "KEYLESS_NETWORKS",
    kind: listOf(
      "addresses or networks such as 10.0.0.0/8, with commas between them",
      (network) => parseNetworks([network]) !== undefined,
    ),
    fallback: ["127.0.0.0/8", "::1"],
    purpose: "who is served without a key",
  }),
  apiKeyCache: define<"memory" | "redis">({
    variable: "API_KEY_CACHE",
    kind: oneOf("memory", "redis"),
    fallback: "memory",
    purpose: "where keys that were looked up are kept for a while; redis needs REDIS_URL",
  }),
  metricsToken: define({
    variable: "METRICS_TOKEN",
    kind: optional(bearerText),
    fallback: undefined,
    purpose: "what a scraper sends as a bearer token to read /metrics without a key",
  }),
  jwtIssuer: define({
    variable: "JWT_ISSUER",
    kind: optional(text),
    fallback: undefined,
    purpose: "an issuer whose tokens are accepted; needs JWT_AUDIENCE and JWT_JWKS_URL",
  }),
  jwtAudience: define({
    variable: "JWT_AUDIENCE",
    kind: optional(text),
    fallback: undefined,
    purpose: "the audience that its tokens must name",
  }),
  jwtJwksUrl: define({
    variable: "JWT_JWKS_URL",
    kind: optional(keysUrl),
    fallback: undefined,
    purpose: "where its public keys are",
  }),
  jwtAlgorithms: define<readonly string[]>({
    variable: "JWT_ALGORITHMS",
    kind: notEmpty(
      listOf(
        "names such as RS256, with commas between them: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA",
        (name) => jwtAlgorithms.has(name),
      ),
    ),
    fallback: ["RS256", "ES256", "EdDSA"],
    purpose: "the algorithms that its tokens may be signed with",
  }),
  jwtClockSkewSeconds: define({
    variable: "JWT_CLOCK_SKEW_SECONDS",
    kind: integer(0, 300),
    fallback: 30,
    purpose: "how far its clock may be from ours",
  }),
  jwtTenantClaim: define({
    variable: "JWT_TENANT_CLAIM",
    kind: text,
    fallback: "tenant",
    purpose: "the claim that names the tenant",
  }),
  jwtRoleClaim: define({
    variable: "JWT_ROLE_CLAIM",
    kind: text,
    fallback: "role",
    purpose: "the claim that names the role",
  }),
  egressNetworks: define<readonly string[]>({
    variable: "EGRESS_NETWORKS",
    kind: listOf(
      "addresses or networks such as 10.0.0.0/8, with commas between them",
      (network) => parseNetworks([network]) !== undefined,
    ),
    fallback: [],
    purpose: "private networks that providers added at run time, and issuers of sign-on, may be in",
  }),
} as const;
