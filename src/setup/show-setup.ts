// What the set-up says at its end: what was made, and calls that work.

import type { MadeAdmin } from "./make-admin.ts";

export interface SetupDone {
  readonly admin: MadeAdmin;
  /** Whether callers need the key. */
  readonly authRequired: boolean;
  readonly httpUrl: string;
  /** Host and port. */
  readonly grpcAddress: string;
  readonly wasRunning: boolean;
}

export function showSetup({ admin, authRequired, httpUrl, grpcAddress }: SetupDone): string {
  const header = authRequired ? ` -H 'authorization: Bearer ${admin.key}'` : "";
  const grpcHeader = authRequired ? ` --header 'authorization: Bearer ${admin.key}'` : "";
  const lines = [
    "",
    ".env is written, for you alone to read.",
    admin.wasThere
      ? `  administrator: ${admin.email} was there already, and is as before`
      : `  administrator: ${admin.email}${admin.madePassword === undefined ? "" : `, password ${admin.madePassword}`}`,
    `  key:           ${admin.key}`,
    "  Keep them: neither is shown again.",
    "",
    "Start it:",
    "  npm start",
    "",
    "Then call it:",
    `  curl -s ${httpUrl}/v1/chat/completions${header} \\`,
    `    -H 'content-type: application/json' -d '{"messages": [{"role": "user", "content": "Hello"}]}'`,
    `  curl -s ${httpUrl}/infer -H 'x-api-key: ${admin.key}' \\`,
    `    -H 'content-type: application/json' -d '{"model": "auto", "prompt": "Hello", "max_tokens": 50}'`,
    `  npx buf curl --protocol grpc --http2-prior-knowledge${grpcHeader} \\`,
    `    http://${grpcAddress}/sluice.v1.ChatService/StreamChat \\`,
    `    -d '{"messages": [{"role": "ROLE_USER", "parts": [{"text": "Hello"}]}]}'`,
    "",
    "And administer it:",
    `  npm run --silent token -- --email ${admin.email}    # prints a token for an hour`,
    `  curl -s ${httpUrl}/graphql -H "authorization: Bearer $(npm run --silent token -- --email ${admin.email})" \\`,
    `    -H 'content-type: application/json' -d '{"query": "{ apiKeys(first: 10) { nodes { name prefix } } }"}'`,
  ];
  return `${lines.join("\n")}\n`;
}
