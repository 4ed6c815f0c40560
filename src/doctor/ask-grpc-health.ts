import { Client, credentials } from "@grpc/grpc-js";

/** Whether the official health service at the address says SERVING. Never rejects. */
export function isServingGrpc(
  address: string,
  { secure, signal }: { readonly secure: boolean; readonly signal: AbortSignal },
): Promise<boolean> {
  return new Promise((resolve) => {
    const client = new Client(
      address,
      secure
        ? // Its certificate is for the name that callers know.
          credentials.createSsl(null, null, null, { rejectUnauthorized: false })
        : credentials.createInsecure(),
    );
    const end = (serving: boolean): void => {
      client.close();
      resolve(serving);
    };
    signal.addEventListener("abort", () => end(false), { once: true });
    client.makeUnaryRequest(
      "/grpc.health.v1.Health/Check",
      // HealthCheckRequest for the whole server: an empty message.
      () => Buffer.alloc(0),
      // HealthCheckResponse: field 1 is the status, and 1 is SERVING.
      (bytes) => bytes.equals(Buffer.from([0x08, 0x01])),
      undefined,
      (error, serving) => end(error === null && serving === true),
    );
  });
}
