// A process that is an issuer of OpenID Connect: the real oidc-provider on a free port of the loopback interface, which
// signs everybody on as whom they say they are. It is told of its accounts, and its clock is moved, by messages; it
// ends with whoever started it.

import { createServer } from "node:http";
import { Provider } from "oidc-provider";
import { z } from "zod";
import { listen } from "./listen.ts";

/** Claims by login name, which is also the subject. */
const accountsSchema = z.record(z.string(), z.record(z.string(), z.json()));
const messageSchema = z.object({
  accounts: accountsSchema.optional(),
  /** Its clock from now on, beside the system's. */
  offsetMs: z.number().optional(),
});
const clientsSchema = z.array(z.record(z.string(), z.json()));

let accounts: z.infer<typeof accountsSchema> = {};
let offsetMs = 0;
const systemMs = Date.now;
Date.now = () => systemMs() + offsetMs;

process.on("disconnect", () => process.exit());
process.on("message", (message) => {
  const told = messageSchema.parse(message);
  accounts = told.accounts ?? accounts;
  offsetMs = told.offsetMs ?? offsetMs;
  process.send?.("done");
});

const server = createServer();
const port = await listen(server);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: clientsSchema.parse(JSON.parse(process.argv[2] ?? "[]")),
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name"],
    groups: ["groups"],
  },
  scopes: ["openid", "email", "profile", "groups"],
  ttl: { AuthorizationCode: 60 },
  // The gateway has to send a proof of its own accord; an issuer that does not ask for it must still get it.
  pkce: { required: () => true },
  cookies: { keys: ["a key of the tests"] },
  findAccount: (_: unknown, accountId: string) => ({
    accountId,
    claims: () => ({ ...accounts[accountId], sub: accountId }),
  }),
});
server.on("request", provider.callback());
process.send?.(issuer);
