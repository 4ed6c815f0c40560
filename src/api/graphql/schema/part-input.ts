// What a message may hold.

import type { CacheHint, ImagePart } from "../../../core/chat/request.ts";
import { builder } from "../builder.ts";

export const CacheHintEnum = builder.enumType("CacheHint", {
  description: "How long a provider is asked to keep the prompt up to a part in its cache.",
  values: {
    SHORT: { value: "short", description: "Some minutes." },
    LONG: { value: "long", description: "About an hour." },
  } satisfies Record<Uppercase<CacheHint>, { value: CacheHint; description: string }>,
});

type Detail = NonNullable<ImagePart["detail"]>;

const ImageDetailEnum = builder.enumType("ImageDetail", {
  description: "How closely a model looks at an image.",
  values: {
    AUTO: { value: "auto", description: "The model decides." },
    LOW: { value: "low", description: "Coarse and cheap." },
    HIGH: { value: "high", description: "Fine and dear." },
  } satisfies Record<Uppercase<Detail>, { value: Detail; description: string }>,
});

const MediaSourceInput = builder.inputType("MediaSourceInput", {
  description: "Where the bytes of an image or a document are: exactly one of `data` and `url`.",
  fields: (t) => ({
    data: t.string({ description: "The bytes, as base64 (RFC 4648, section 4); `mediaType` is needed." }),
    url: t.string({ description: "An http or https address that the provider fetches itself." }),
    mediaType: t.string({ description: "As `image/png`." }),
  }),
});

const ImageInput = builder.inputType("ImageInput", {
  description: "An image.",
  fields: (t) => ({
    source: t.field({ type: MediaSourceInput, required: true, description: "Its bytes or address." }),
    detail: t.field({ type: ImageDetailEnum, description: "How closely to look." }),
  }),
});

const FileInput = builder.inputType("FileInput", {
  description: "A document.",
  fields: (t) => ({
    source: t.field({ type: MediaSourceInput, required: true, description: "Its bytes or address." }),
    filename: t.string({ description: "Its name, as models like to cite it." }),
  }),
});

const ToolCallInput = builder.inputType("ToolCallInput", {
  description: "A tool call that the model made earlier.",
  fields: (t) => ({
    id: t.id({ required: true, description: "What the result refers to." }),
    name: t.string({ required: true, description: "The tool's name." }),
    argumentsJson: t.string({
      required: true,
      description: "The arguments as the model wrote them: JSON text, usually of an object.",
    }),
    signature: t.string({ description: "The proof that the vendor gave with the call." }),
    vendor: t.string({ description: "Whose proof it is; another vendor is not sent it." }),
  }),
});

const ReasoningInput = builder.inputType("ReasoningInput", {
  description: "Reasoning of the model, given back to it.",
  fields: (t) => ({
    text: t.string({ description: "The readable text." }),
    signature: t.string({ description: "The vendor's proof that the text is the model's own." }),
    redactedData: t.string({ description: "Reasoning that the vendor gives in encrypted form only." }),
    vendor: t.string({
      description:
        "Whose proof that is, as `anthropic`; another vendor is not sent it. Absent: that of whoever answers.",
    }),
  }),
});

// Parts hold tool results and these hold parts: the one circle that cannot be inferred.
interface PartInputShape {
  text?: string;
  image?: typeof ImageInput.$inferInput;
  file?: typeof FileInput.$inferInput;
  toolCall?: typeof ToolCallInput.$inferInput;
  toolResult?: ToolResultInputShape;
  reasoning?: typeof ReasoningInput.$inferInput;
  cacheHint?: CacheHint;
}

interface ToolResultInputShape {
  toolCallId: string;
  content: PartInputShape[];
  isError?: boolean;
}

const ToolResultInput = builder.inputRef<ToolResultInputShape>("ToolResultInput");

export const PartInput = builder.inputRef<PartInputShape>("PartInput").implement({
  description: "One piece of a message: exactly one content, and a cache hint where one is wished.",
  fields: (t) => ({
    text: t.string({ description: "Plain text." }),
    image: t.field({ type: ImageInput, description: "An image, in a user's message." }),
    file: t.field({ type: FileInput, description: "A document, in a user's message." }),
    toolCall: t.field({ type: ToolCallInput, description: "In an assistant's message." }),
    toolResult: t.field({ type: ToolResultInput, description: "A tool's answer, in a tool message." }),
    reasoning: t.field({ type: ReasoningInput, description: "In an assistant's message." }),
    cacheHint: t.field({
      type: CacheHintEnum,
      description: "A wish that the provider caches the prompt up to here.",
    }),
  }),
});

ToolResultInput.implement({
  description: "A tool's answer.",
  fields: (t) => ({
    toolCallId: t.id({ required: true, description: "The id of the tool call." }),
    content: t.field({ type: [PartInput], required: true, description: "Text and images." }),
    isError: t.boolean({ description: "Whether the tool failed." }),
  }),
});
