// Services of the contract in the form in which grpc-js takes them.

import { type DescMethod, type DescService, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { MethodDefinition } from "@grpc/grpc-js";

/** A message, or the bytes of one that was encoded already. */
export type OutgoingMessage = Message | Buffer;

/** The server's requests stay bytes: its handlers decode them, and can say what is wrong with them. */
export type RpcMethodDefinition = Omit<MethodDefinition<Message, OutgoingMessage>, "requestDeserialize"> & {
  readonly requestDeserialize: (bytes: Buffer) => Buffer;
};

/** `onFault` hears of answers that cannot be written: grpc-js keeps the reason to itself. */
export const serviceDefinition = (
  service: DescService,
  onFault: (error: unknown) => void,
): Record<string, RpcMethodDefinition> =>
  Object.fromEntries(service.methods.map((method) => [method.localName, methodDefinition(method, onFault)]));

const methodDefinition = (method: DescMethod, onFault: (error: unknown) => void): RpcMethodDefinition => ({
  path: `/${method.parent.typeName}/${method.name}`,
  requestStream: false,
  responseStream: method.methodKind === "server_streaming",
  requestSerialize: (message) => asBuffer(toBinary(method.input, message)),
  requestDeserialize: (bytes) => bytes,
  responseSerialize(message) {
    if (Buffer.isBuffer(message)) return message;
    try {
      return asBuffer(toBinary(method.output, message));
    } catch (error) {
      onFault(error);
      throw error;
    }
  },
  responseDeserialize: (bytes) => fromBinary(method.output, bytes),
});

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
