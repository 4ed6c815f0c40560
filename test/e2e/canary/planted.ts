// The secrets that are known from the start: of the configuration, of people, of callers.

import { randomBytes } from "node:crypto";
import type { Canary } from "./canary.ts";

/** Nothing in it looks like a key. */
const shapeless = (name: string): string => `${name}.canary.${randomBytes(12).toString("hex")}`;

/** As vendors make them. */
const shaped = (start: string): string => `${start}canary${randomBytes(15).toString("hex")}`;

export type Planted = ReturnType<typeof plantSecrets>;

export function plantSecrets({ plant }: Canary) {
  return {
    openAiKey: plant("OPENAI_API_KEY", shaped("sk-proj-")),
    groqKey: plant("GROQ_API_KEY", shapeless("groq")),
    anthropicKey: plant("ANTHROPIC_API_KEY", shapeless("anthropic")),
    geminiKey: plant("GEMINI_API_KEY", shapeless("gemini")),
    mistralKey: plant("MISTRAL_API_KEY", shapeless("mistral")),
    azureAdToken: plant("AZURE_OPENAI_AD_TOKEN", shapeless("azure-ad")),
    awsKeyId: plant("AWS_ACCESS_KEY_ID", `AKIA${randomBytes(8).toString("hex").toUpperCase()}`),
    awsSecretKey: plant("AWS_SECRET_ACCESS_KEY", shapeless("aws-secret")),
    awsSessionToken: plant("AWS_SESSION_TOKEN", shapeless("aws-session")),
    fileKey: plant("a provider's key in the file", shapeless("file")),
    otherFileKey: plant("another key in the file", shapeless("file-other")),
    runTimeKey: plant("a provider's key at run time", shapeless("run-time")),
    changedKey: plant("the key that replaced it", shapeless("run-time-changed")),
    runTimeAwsKey: plant("AWS's secret key at run time", shapeless("run-time-aws")),
    configuredKey: plant("SLUICE_API_KEYS", shapeless("configured")),
    secret: plant("SLUICE_SECRET", shapeless("server-secret-now")),
    previousSecret: plant("SLUICE_SECRET_PREVIOUS", shapeless("server-secret-before")),
    databasePassword: plant("the password in DATABASE_URL", shapeless("database")),
    redisPassword: plant("the password in REDIS_URL", shapeless("redis")),
    adminPassword: plant("the administrator's password", shapeless("admin-password")),
    userPassword: plant("a user's password", shapeless("user-password")),
    nextPassword: plant("a user's next password", shapeless("next-password")),
    wrongPassword: plant("a password that is wrong", shapeless("wrong-password")),
    shortPassword: plant("a password that is too short", `q${randomBytes(4).toString("hex")}`),
    clientSecret: plant("the client secret of sign-on", shapeless("client-secret")),
    bcryptHash: plant("a bcrypt hash", `$2b$04$${randomBytes(40).toString("hex").slice(0, 53)}`, "database"),
    importedKey: plant("an imported key", shapeless("imported")),
    unknownKey: plant("a key that nobody has", shapeless("unknown")),
    mistypedKey: plant("a mistyped key of ours", shaped("slc_live_")),
    foreignToken: plant("another issuer's token", `eyJhbGciOiJSUzI1NiJ9.${shapeless("token")}.c2ln`),
    proxyPassword: plant("a proxy's password", shapeless("proxy")),
    webhookSecret: plant("a webhook's secret", shapeless("webhook")),
    cookie: plant("a cookie", shapeless("cookie")),
    urlPassword: plant("a password in a provider's address", shapeless("url-password")),
    promptKey: plant("a key in a prompt", shaped("sk-proj-"), "a call that is answered"),
    othersKey: plant("somebody else's key in an upstream's error", shaped("sk-live-")),
    code: plant("an authorization code", shapeless("code")),
  };
}

/** What proxies and programs send along. */
export const hostileHeaders = (planted: Planted): Readonly<Record<string, string>> => ({
  cookie: `session=${planted.cookie}`,
  "proxy-authorization": `Basic ${Buffer.from(`user:${planted.proxyPassword}`).toString("base64")}`,
  "x-forwarded-authorization": planted.proxyPassword,
  "x-hub-signature-256": planted.webhookSecret,
  "x-webhook-secret": planted.webhookSecret,
});
