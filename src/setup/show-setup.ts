// What the set-up says at its end: what was made, and calls that work.

import { grpcAddressOf, httpUrlOf } from "../cli/gateway-address.ts";
import type { Settings } from "../config/configuration.ts";
import type { MadeAdmin } from "./make-admin.ts";
import { shellWord } from "./shell-word.ts";

export interface SetupDone {
  readonly admin: MadeAdmin;
  readonly settings: Pick<
    Settings,
    "host" | "httpPort" | "grpcPort" | "adminPort" | "tlsCert" | "authRequired"
  >;
  /** Whether a password was given. */
  readonly passwordGiven: boolean;
  /** Whether no provider is configured. */
  readonly demo: boolean;
  /** Variables of providers that this shell has and `.env` has not. */
  readonly onlyInShell: readonly string[];
}

export function showSetup(done: SetupDone): string {
  return `${[...made(done), "", "Start it:", "  npm start", "", ...calls(done)].join("\n")}\n`;
}

function made({ admin, passwordGiven, demo, onlyInShell }: SetupDone): readonly string[] {
  const { email, wasThere, madePassword, key } = admin;
  const left = passwordGiven ? "; the password that was given is not theirs" : "";
  const shown = [...(madePassword === undefined ? [] : ["password"]), ...(key === undefined ? [] : ["key"])];
  const names = onlyInShell.join(", ");
  return [
    "",
    ".env is written; nobody but you may read it.",
    `  administrator  ${email}${wasThere ? `, as before${left}` : ""}`,
    ...(madePassword === undefined ? [] : [`  password       ${madePassword}`]),
    key === undefined
      ? "  key            there is one already, which is not shown again; --new-key makes another"
      : `  key            ${key}`,
    ...(shown.length === 0
      ? []
      : [`Keep ${shown.join(" and ")}: ${shown.length > 1 ? "they are" : "it is"} shown this once.`]),
    ...(onlyInShell.length === 0
      ? []
      : [
          `This shell has ${names}, and .env has not: start the gateway with the same, or run this with --from-environment.`,
        ]),
    ...(demo ? ["No provider has a key yet: a demo upstream answers."] : []),
  ];
}

function calls({ admin, settings }: SetupDone): readonly string[] {
  const { email, key = "$SLUICE_KEY" } = admin;
  const http = httpUrlOf(settings).origin;
  const administration = httpUrlOf({ ...settings, httpPort: settings.adminPort ?? settings.httpPort }).origin;
  const [scheme, plain] =
    settings.tlsCert === undefined ? ["http", " --http2-prior-knowledge"] : ["https", ""];
  const isNeeded = settings.authRequired !== false;
  const bearer = `"authorization: Bearer ${key}"`;
  const json = "-H 'content-type: application/json'";
  const token = `npm run --silent token -- --email ${shellWord(email)}`;
  const isNamed = admin.key === undefined && isNeeded;
  return [
    `Then call it${isNamed ? ", with your key in SLUICE_KEY" : ""}, by OpenAI's API, /infer and gRPC:`,
    `  curl -s ${http}/v1/chat/completions${isNeeded ? ` -H ${bearer}` : ""} ${json} \\`,
    `    -d '{"messages": [{"role": "user", "content": "Hello"}]}'`,
    `  curl -s ${http}/infer${isNeeded ? ` -H "x-api-key: ${key}"` : ""} ${json} \\`,
    `    -d '{"model": "auto", "prompt": "Hello", "max_tokens": 50}'`,
    `  npx buf curl --protocol grpc${plain}${isNeeded ? ` --header ${bearer}` : ""} \\`,
    `    -d '{"messages": [{"role": "ROLE_USER", "parts": [{"text": "Hello"}]}]}' \\`,
    `    ${scheme}://${grpcAddressOf(settings)}/sluice.v1.ChatService/StreamChat`,
    "",
    "And administer it over GraphQL, with an administrator's token, which is good for an hour:",
    `  curl -s ${administration}/graphql -H "authorization: Bearer $(${token})" ${json} \\`,
    `    -d '{"query": "{ apiKeys(first: 10) { edges { node { name prefix permissions } } } }"}'`,
  ];
}
