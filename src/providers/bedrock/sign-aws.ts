// Signature Version 4. Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

import { AwsV4Signer } from "aws4fetch";
import type { Signer } from "../upstream/upstream.ts";

export interface AwsSigning {
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
  readonly nowMs: () => number;
}

/**
 * Signs the method, the address, the host, the content type and the body. Each part of the path must come encoded
 * once, as `encodePathPart` does.
 */
export function createAwsSigner({ nowMs, sessionToken, ...credentials }: AwsSigning): Signer {
  // A day's key is derived once.
  const keys = new Map<string, ArrayBuffer>();
  const session = sessionToken === undefined ? {} : { sessionToken };
  return async ({ method, headers, body }, url) => {
    if (keys.size > 1) keys.clear();
    const contentType = headers["content-type"];
    const signer = new AwsV4Signer({
      ...credentials,
      ...session,
      method,
      url,
      headers: contentType === undefined ? {} : { "content-type": contentType },
      body: body ?? null,
      datetime: new Date(nowMs()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
      cache: keys,
      allHeaders: true,
    });
    const signed = await signer.sign();
    return Object.fromEntries(signed.headers);
  };
}
