// Calls as they begin: checked, their caller named. What a front end got wrong is thrown before a call exists, and no
// record is made of it: nothing here is async.

import type { KnownTenants } from "./access/known-tenants.ts";
import { ownPrincipal } from "./access/own-principal.ts";
import { createPermissionCheck, denialBy } from "./access/permission-check.ts";
import type { Principal } from "./access/principal.ts";
import { principalFor } from "./access/tenant.ts";
import { beginCall, type Call, type CallContext, type CallOptions } from "./call.ts";
import { chatOperation } from "./chat/operation.ts";
import type { ChatShape } from "./chat/shape.ts";
import type { ChatRequest } from "./chat/request.ts";
import { validateChatRequest } from "./chat/validate.ts";
import { checkWishes } from "./check-wishes.ts";
import type { AuditTrail } from "./directory/audit.ts";
import { embedOperation } from "./embed/operation.ts";
import type { EmbedShape } from "./embed/shape.ts";
import type { EmbedRequest } from "./embed/request.ts";
import { validateEmbedRequest } from "./embed/validate.ts";
import { gatewayStopping } from "./gateway-stopping.ts";
import type { Operation } from "./operation.ts";
import type { OperationShape } from "./operation-shape.ts";
import type { Delivery } from "./provider.ts";

export interface BeginCalls {
  /** @throws GatewayError */
  chat(request: ChatRequest, delivery: Delivery, options: Partial<CallOptions>): Call<ChatShape>;
  /** A call that reads another one's run, of which nothing is asked anew. @throws GatewayError */
  resume(options: Partial<CallOptions>): Call<ChatShape>;
  /** @throws GatewayError */
  embed(request: EmbedRequest, options: Partial<CallOptions>): Call<EmbedShape>;
}

export interface BeginParts {
  /** Of a call that begins now. */
  readonly context: () => CallContext;
  readonly refusesCalls: () => boolean;
  /** What `begin` gives; what it refuses is counted. */
  readonly watching: <T>(begin: () => T) => T;
  /** Absent: none are kept. */
  readonly tenants?: KnownTenants | undefined;
  /** Hears who may not call. */
  readonly auditTrail: AuditTrail;
}

interface Asked<S extends OperationShape> {
  readonly operation: Operation<S>;
  readonly request: S["request"];
  readonly delivery: Delivery;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

const nothingAsked = {
  operation: chatOperation,
  request: { messages: [] },
  delivery: "streamed",
} as const;

export function createBeginCalls(parts: BeginParts): BeginCalls {
  const { context, refusesCalls, watching, tenants, auditTrail } = parts;
  const requirePermission = createPermissionCheck(auditTrail);
  const onDenied = (by: Principal) => auditTrail.note(denialBy(by, "tenants:act_as"));

  const begin = <S extends OperationShape>(asked: Asked<S>, options: Partial<CallOptions>): Call<S> => {
    if (refusesCalls()) throw gatewayStopping();
    checkWishes(options);
    const labels = asked.labels ?? {};
    const principal = principalFor(options.principal ?? ownPrincipal, { labels, tenants, onDenied });
    requirePermission(principal, "gateway:use");
    return beginCall({ ...asked, labels, options: { ...options, principal } }, context());
  };
  return {
    chat: (request, delivery, options) =>
      watching(() => {
        validateChatRequest(request);
        const { labels } = request;
        return begin<ChatShape>({ operation: chatOperation, request, delivery, labels }, options);
      }),
    resume: (options) => watching(() => begin<ChatShape>({ ...nothingAsked, labels: undefined }, options)),
    embed: (request, options) =>
      watching(() => {
        validateEmbedRequest(request);
        const { labels } = request;
        // Vectors come at once: there is no stream to go on with.
        return begin<EmbedShape>(
          { operation: embedOperation, request, delivery: "unary", labels },
          { ...options, resumable: false },
        );
      }),
  };
}
