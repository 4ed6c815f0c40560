/** Who calls. */
export interface Principal {
  /** The tenant's slug: `[a-z0-9-]{1,63}`. */
  readonly tenantId: string;
  readonly userId?: string | undefined;
  readonly apiKeyId?: string | undefined;
  readonly environment: "live" | "test";
  /** Served without a credential, as a gateway without keys does for its own machine. */
  readonly keyless: boolean;
}
