// gRPC's standard services as their official packages have them, taken to pieces: what grpc-js needs for each path.
// Loaded by `standard-services.ts` with the first call of one.

import type { ServiceDefinition, UntypedHandleCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { createReflection } from "./reflection.ts";
import { services } from "./services.ts";

export interface StandardMethod {
  readonly definition: ServiceDefinition[string];
  readonly handle: UntypedHandleCall;
}

export interface StandardHandlers {
  readonly health: Pick<HealthImplementation, "setStatus">;
  /** By path, as `/grpc.health.v1.Health/Check`. */
  readonly methods: ReadonlyMap<string, StandardMethod>;
}

/** All of `healthNames` begin as `status`. */
export function createStandardHandlers(
  healthNames: readonly string[],
  status: "SERVING" | "NOT_SERVING",
): StandardHandlers {
  const methods = new Map<string, StandardMethod>();
  const collector = {
    addService(service: ServiceDefinition, implementation: UntypedServiceImplementation): void {
      for (const [name, definition] of Object.entries(service)) {
        const handle = implementation[name] ?? implementation[definition.originalName ?? name];
        if (handle !== undefined) methods.set(definition.path, { definition, handle });
      }
    },
  };
  const health = new HealthImplementation(Object.fromEntries(healthNames.map((name) => [name, status])));
  health.addToServer(collector);
  createReflection(services).addToServer(collector);
  return { health, methods };
}
