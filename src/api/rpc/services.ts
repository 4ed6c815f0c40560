// The services of the contract, and the paths by which Connect and gRPC-Web call them.

import type { DescService } from "@bufbuild/protobuf";
import { ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbeddingService } from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import { ModelService } from "../../../generated/proto/sluice/v1/model_pb.ts";
import type { HttpEndpoint } from "../http-front-end.ts";

export const services: readonly DescService[] = [ChatService, EmbeddingService, ModelService];

export const connectEndpoints: readonly HttpEndpoint[] = services.flatMap(({ typeName, methods }) =>
  methods.map(({ name }) => ({ method: "POST", path: `/${typeName}/${name}` })),
);
