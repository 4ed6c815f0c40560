// gRPC's standard services, health and reflection. Their official packages bring protobuf.js, and with it 13 MB that
// most gateways never need: they are loaded with the first call of a method, which waits for them.

import type { MethodDefinition, Server, UntypedHandleCall } from "@grpc/grpc-js";
import type { StandardHandlers, StandardMethod } from "./standard-handlers.ts";
import { services } from "./services.ts";

export interface StandardServices {
  addToServer(server: Pick<Server, "addService">): void;
  /** Has to have resolved before a call of one reaches its handler; loads anew where that failed. */
  load(): Promise<void>;
  /** From now on the gateway's health is NOT_SERVING; watchers are told. */
  announceStop(): void;
}

type Shape = Pick<MethodDefinition<unknown, unknown>, "path" | "requestStream" | "responseStream">;

/** Health: https://github.com/grpc/grpc/blob/master/doc/health-checking.md; reflection: doc/server-reflection.md. */
export const standardMethods: readonly Shape[] = [
  { path: "/grpc.health.v1.Health/Check", requestStream: false, responseStream: false },
  { path: "/grpc.health.v1.Health/List", requestStream: false, responseStream: false },
  { path: "/grpc.health.v1.Health/Watch", requestStream: false, responseStream: true },
  ...["v1", "v1alpha"].map((version) => ({
    path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    requestStream: true,
    responseStream: true,
  })),
];

const healthNames = ["", ...services.map(({ typeName }) => typeName)];

export function createStandardServices(): StandardServices {
  let loading: Promise<void> | undefined;
  let loaded: StandardHandlers | undefined;
  let stopAnnounced = false;

  async function load(): Promise<void> {
    try {
      const { createStandardHandlers } = await import("./standard-handlers.ts");
      loaded = createStandardHandlers(healthNames, stopAnnounced ? "NOT_SERVING" : "SERVING");
    } catch (error) {
      loading = undefined;
      throw error;
    }
  }

  function loadedMethod(path: string): StandardMethod {
    const method = loaded?.methods.get(path);
    if (method === undefined) throw new Error(`${path} has been called before it was loaded.`);
    return method;
  }

  return {
    addToServer(server) {
      const entries = standardMethods.map((shape) => [shape.path, shape] as const);
      server.addService(
        Object.fromEntries(entries.map(([path, shape]) => [path, definitionOf(shape, loadedMethod)])),
        Object.fromEntries(entries.map(([path]) => [path, handlerOf(path, loadedMethod)])),
      );
    },
    load: () => (loading ??= load()),
    announceStop() {
      if (stopAnnounced) return;
      stopAnnounced = true;
      for (const name of healthNames) loaded?.health.setStatus(name, "NOT_SERVING");
    },
  };
}

type FindMethod = (path: string) => StandardMethod;

const definitionOf = (shape: Shape, find: FindMethod): MethodDefinition<unknown, unknown> => ({
  ...shape,
  requestSerialize: (message) => find(shape.path).definition.requestSerialize(message),
  requestDeserialize: (bytes): unknown => find(shape.path).definition.requestDeserialize(bytes),
  responseSerialize: (message) => find(shape.path).definition.responseSerialize(message),
  responseDeserialize: (bytes): unknown => find(shape.path).definition.responseDeserialize(bytes),
});

const handlerOf =
  (path: string, find: FindMethod): UntypedHandleCall =>
  (...call: unknown[]) => {
    Reflect.apply(find(path).handle, undefined, call);
  };
