// What Redis or the way to it says when something fails, in words for whoever runs the gateway.

/** By error code of Node, first word of Redis' reply, or the client's words. */
const known: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, "has a host that is not known. Correct the host's name"],
  [/ECONNREFUSED/, "refuses connections. Start it there, or correct host and port"],
  [/WRONGPASS|NOAUTH|ERR AUTH|invalid password/, "refuses the password. Correct it in REDIS_URL"],
  [
    /NOPERM|user executing the script|ACL failure in script/,
    "does not let this user do what is needed. Grant it scripts, reading and writing, the keys sluice:* and the channels sluice:*",
  ],
  [/^OOM/, "has no memory left. Raise its maxmemory, or let it evict"],
  [/READONLY/, "can only be read: it is a replica. Name the primary server"],
  [/LOADING/, "is still loading its data. Wait until it has started"],
  [/MISCONF/, "takes no writes, as it cannot save its data. Make room there"],
  [
    /MOVED|CLUSTERDOWN|CROSSSLOT/,
    "is one node of a cluster. Name a server, or a proxy, that serves every key",
  ],
  [/out of range/, "has no such database. Correct the number at the URL's end"],
  [
    /CERT|SELF_SIGNED|certificate|ALTNAME|ERR_SSL|ERR_TLS|EPROTO/,
    "has a TLS certificate that cannot be trusted, or speaks no TLS. Name its authority by NODE_EXTRA_CA_CERTS",
  ],
  [/did not answer in time|no answer after/, "does not answer in time. See what it is busy with"],
  [
    /timeout|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/i,
    "cannot be reached. Correct host and port, and see to the network",
  ],
  [/ECONNRESET|EPIPE|closed/i, "broke the connection. See whether it runs"],
];

export class SlowRedisError extends Error {
  override readonly name = "SlowRedisError";

  constructor() {
    super("It did not answer in time.");
  }
}

export interface RedisFailure {
  /** A sentence that says what to do, and names nobody: whoever reaches the port may ask for it. */
  readonly shown: string;
  /** The same, which names the server, without its password. */
  readonly sentence: string;
  /** What was said, for the log. */
  readonly said: string;
}

export function redisFailure(url: string, error: unknown): RedisFailure {
  const { host, password } = new URL(url);
  const raw = saidBy(error);
  const said = password === "" ? raw : raw.replaceAll(password, "…").replaceAll(decoded(password), "…");
  const text = known.find(([pattern]) => pattern.test(raw))?.[1] ?? "cannot be used. See the gateway's log";
  return { shown: `Redis ${text}.`, sentence: `Redis at ${host} ${text}.`, said: said.slice(0, 500) };
}

function saidBy(error: unknown): string {
  // A host of several addresses fails once for each.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return String(first);
  const { message } = first;
  return "code" in first && !message.includes(String(first.code))
    ? `${message} (${String(first.code)})`
    : message;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
