// What answers hold beside text: in a whole reply's parts and in the events that start a part.

import type { Citation as CitationShape, OpaqueStart, PartKind } from "../../../core/chat/events.ts";
import type { MediaSource } from "../../../core/chat/request.ts";
import { builder } from "../builder.ts";

export const PartKindEnum = builder.enumType("PartKind", {
  description: "What a part of an answer is.",
  values: {
    TEXT: { value: "text", description: "Plain text." },
    REASONING: { value: "reasoning", description: "What the model thinks." },
    REFUSAL: { value: "refusal", description: "Why the model will not answer." },
    TOOL_CALL: { value: "tool_call", description: "A tool that is to be called." },
    CITATION: { value: "citation", description: "Where a statement comes from." },
    IMAGE: { value: "image", description: "An image." },
    OPAQUE: { value: "opaque", description: "Something of the vendor's own." },
  } satisfies Record<Uppercase<PartKind>, { value: PartKind; description: string }>,
});

export const Citation = builder.objectRef<CitationShape>("Citation").implement({
  description: "Where a statement comes from.",
  fields: (t) => ({
    url: t.exposeString("url", { nullable: true, description: "The address of the source." }),
    title: t.exposeString("title", { nullable: true, description: "Its title." }),
    citedText: t.exposeString("citedText", { nullable: true, description: "What is cited." }),
    raw: t.expose("raw", { type: "JSON", nullable: true, description: "The vendor's own form, whole." }),
  }),
});

export const Media = builder.objectRef<MediaSource>("MediaSource").implement({
  description: "The bytes of an image, or its address.",
  fields: (t) => ({
    data: t.string({
      nullable: true,
      description: "The bytes, as base64.",
      resolve: (media) => ("data" in media ? media.data : null),
    }),
    url: t.string({
      nullable: true,
      description: "The address.",
      resolve: (media) => ("url" in media ? media.url : null),
    }),
    mediaType: t.exposeString("mediaType", { nullable: true, description: "As `image/png`." }),
  }),
});

export const Opaque = builder.objectRef<OpaqueStart>("Opaque").implement({
  description: "Something of a vendor's that has no place in this schema, handed on as it came.",
  fields: (t) => ({
    vendor: t.exposeString("vendor", { description: "Whose it is." }),
    type: t.exposeString("type", { description: "The vendor's name for its kind." }),
    json: t.expose("json", { type: "JSON", nullable: true, description: "The thing itself." }),
  }),
});
