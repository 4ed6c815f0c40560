// Which addresses an issuer may have: its answers decide who gets in, so nobody on the way may change them.

import { hostName, isLoopbackName } from "../../core/access/host-name.ts";
import { denied } from "../refusals.ts";

export interface AddressOptions {
  /** Plain HTTP to the gateway's own machine, for a gateway that serves nobody else. */
  readonly allowsLoopback: boolean;
  /** Rejects with a GatewayError for an address that the gateway may not ask; not asked about loopback's. */
  readonly allowsAddress: (url: string) => Promise<void>;
}

/** @throws GatewayError `permission_denied`; what `allowsAddress` throws */
export const createAddressCheck =
  (options: AddressOptions) =>
  async (url: string): Promise<void> => {
    if (options.allowsLoopback && isLoopback(url)) return;
    requireHttps(url);
    await options.allowsAddress(url);
  };

/** Where a browser is sent: it asks by itself. @throws GatewayError `permission_denied` */
export function checkBrowserAddress(
  url: string | undefined,
  { allowsLoopback }: Pick<AddressOptions, "allowsLoopback">,
): void {
  if (!(allowsLoopback && isLoopback(url))) requireHttps(url);
}

function requireHttps(url: string | undefined): void {
  if (url !== undefined && URL.canParse(url) && new URL(url).protocol === "https:") return;
  throw denied(
    "An issuer's addresses must begin with https://. Ask an administrator to correct the sign-on.",
  );
}

function isLoopback(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  const name = hostName(hostname);
  return (protocol === "http:" || protocol === "https:") && name !== undefined && isLoopbackName(name);
}
