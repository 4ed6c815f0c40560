import { GatewayError } from "../errors.ts";
import type { Principal } from "./principal.ts";

/**
 * A key says whose calls they are, not that its holder may change the gateway: as long as no roles exist, only who is
 * served without a key may, as on a developer's own machine.
 * @throws GatewayError `permission_denied`
 */
export function assertMayChangeSettings({ keyless }: Principal): void {
  if (keyless) return;
  throw new GatewayError({
    code: "permission_denied",
    message:
      "A key does not let its holder change providers and routes. Change them in the configuration file and " +
      "start again, or while the gateway asks for no key.",
  });
}
