// Where the gateway listens, what it lets in there, and how it stops.

import { parseNetworks } from "../networks.ts";
import { define } from "../setting.ts";
import { httpOrigin, integer, listOf, optional, text } from "../setting-values.ts";

export const listeningSettings = {
  host: define({
    variable: "HOST",
    kind: text,
    fallback: "127.0.0.1",
    purpose: "address to listen on",
  }),
  httpPort: define({
    variable: "HTTP_PORT",
    kind: integer(0, 65_535),
    fallback: 8080,
    purpose: "Connect, gRPC-Web, GraphQL and the OpenAI face; 0 takes a free port",
  }),
  grpcPort: define({
    variable: "GRPC_PORT",
    kind: integer(0, 65_535),
    fallback: 50_051,
    purpose: "gRPC; 0 takes a free port",
  }),
  adminPort: define({
    variable: "ADMIN_PORT",
    kind: optional(integer(0, 65_535)),
    fallback: undefined,
    purpose: "a port of its own for administration, which the HTTP port then does not serve",
  }),
  publicUrl: define({
    variable: "PUBLIC_URL",
    kind: optional(httpOrigin),
    fallback: undefined,
    purpose: "the origin that browsers reach /auth by, for sign-on",
  }),
  allowedHosts: define({
    variable: "ALLOWED_HOSTS",
    kind: listOf("host names with commas between them", (host) => /^[A-Za-z0-9.[\]:_-]+$/.test(host)),
    fallback: [],
    purpose: "`Host` names besides loopback's that keyless callers may use",
  }),
  corsOrigins: define({
    variable: "CORS_ORIGINS",
    kind: listOf(
      "origins such as https://app.example.com, with commas between them",
      (origin) => URL.canParse(origin) && new URL(origin).origin === origin,
    ),
    fallback: [],
    purpose: "origins whose web pages may call the HTTP port",
  }),
  trustProxy: define({
    variable: "TRUST_PROXY",
    kind: listOf(
      "addresses or networks such as 10.0.0.0/8, with commas between them",
      (network) => parseNetworks([network]) !== undefined,
    ),
    fallback: [],
    purpose: "proxies whose X-Forwarded-For, -Proto and -Host are believed",
  }),
  tlsCert: define({
    variable: "TLS_CERT",
    kind: optional(text),
    fallback: undefined,
    purpose: "PEM file of the certificate (and its chain) for both ports; needs TLS_KEY",
  }),
  tlsKey: define({
    variable: "TLS_KEY",
    kind: optional(text),
    fallback: undefined,
    purpose: "PEM file of the certificate's private key",
  }),
  tlsClientCa: define({
    variable: "TLS_CLIENT_CA",
    kind: optional(text),
    fallback: undefined,
    purpose: "PEM file of the authority whose client certificates are asked for and required",
  }),
  shutdownDelaySeconds: define({
    variable: "SHUTDOWN_DELAY_SECONDS",
    kind: integer(0, 600),
    fallback: 1,
    purpose: "how long a stop goes on serving while it says not to be ready, for load balancers to notice",
  }),
  shutdownTimeoutSeconds: define({
    variable: "SHUTDOWN_TIMEOUT_SECONDS",
    kind: integer(1, 3_600),
    fallback: 30,
    purpose: "how long a stop lets open calls go on after that; then they end with unavailable",
  }),
} as const;
