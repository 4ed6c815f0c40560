// gRPC server reflection (grpc.reflection.v1 and v1alpha) for the contract and the health service.

import { type DescFile, type DescService, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { ReflectionService } from "@grpc/reflection";
import { service as healthService } from "grpc-health-check";

/**
 * The library reads descriptors only from message entries at the top of a package definition: one entry
 * brings all files.
 */
export function createReflection(services: readonly DescService[]): ReflectionService {
  const files = new Map<string, DescFile>();
  for (const { file } of services) collect(file, files);
  const protos = [...[...files.values()].map(({ proto }) => proto), ...healthFiles()];
  const fileDescriptorProtos = protos.map((proto) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
  return new ReflectionService({
    "sluice.v1": { format: "Protocol Buffer 3 DescriptorProto", type: {}, fileDescriptorProtos },
  });
}

function collect(file: DescFile, files: Map<string, DescFile>): void {
  if (files.has(file.name)) return;
  files.set(file.name, file);
  for (const dependency of file.dependencies) collect(dependency, files);
}

function healthFiles(): readonly FileDescriptorProto[] {
  const [method] = Object.values(healthService);
  const files = method?.requestType.fileDescriptorProtos ?? [];
  return files.map((bytes) => {
    const file = fromBinary(FileDescriptorProtoSchema, bytes);
    for (const message of file.messageType) nameMapEntries(message);
    return file;
  });
}

// protobuf.js, which wrote the health service's descriptor, calls the entries of a map `statuses` `Statuses`;
// the language asks for `StatusesEntry`, and clients refuse the whole file over it
// (https://github.com/fullstorydev/grpcurl/issues/519).
function nameMapEntries(message: DescriptorProto): void {
  for (const entry of message.nestedType) {
    if (entry.options?.mapEntry !== true || entry.name.endsWith("Entry")) continue;
    const name = `${entry.name}Entry`;
    for (const field of message.field) if (field.typeName === entry.name) field.typeName = name;
    entry.name = name;
  }
}
