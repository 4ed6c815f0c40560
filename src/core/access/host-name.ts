// The names that a client may call the gateway by.

/** A bracketed IPv6 address, or a name or IPv4 address; then perhaps a port (RFC 9110, 7.2). */
const hostForm = /^(?:(\[[0-9a-f:.]+\])|([a-z0-9._-]+))(?::\d{0,5})?$/i;

/** A `Host` header's name: lower case, no port, no trailing dot, IPv6 in its one form; undefined: no host. */
export function hostName(host: string): string | undefined {
  const [, ipv6, name] = hostForm.exec(host) ?? [];
  if (ipv6 !== undefined)
    return URL.canParse(`http://${ipv6}`) ? new URL(`http://${ipv6}`).hostname : undefined;
  return name?.toLowerCase().replace(/\.$/, "");
}

/** Of a name as `hostName` gives it. */
export const isLoopbackName = (name: string): boolean =>
  name === "localhost" ||
  name === "[::1]" ||
  /^127(\.\d{1,3}){3}$/.test(name) ||
  /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(name);

/** Of an address to listen on. */
export function isLoopbackHost(host: string): boolean {
  const name = hostName(host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);
  return name !== undefined && isLoopbackName(name);
}
