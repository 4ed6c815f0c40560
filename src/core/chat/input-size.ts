// What of a chat's request the model reads.

import type { InputSize, TextBytes } from "../limits/estimated-tokens.ts";
import type { ChatRequest, MediaSource, Part, ResponseFormat, Tool } from "./request.ts";

export function chatInputSize(request: ChatRequest, textBytes: TextBytes): InputSize {
  const size = new GrowingSize(textBytes);
  for (const message of request.messages) for (const part of message.parts) size.addPart(part);
  if (request.tools !== undefined) for (const tool of request.tools) size.addTool(tool);
  if (request.responseFormat?.type === "json_schema") size.addSchema(request.responseFormat);
  return size;
}

class GrowingSize implements InputSize {
  textBytes = 0;
  images = 0;
  fileBytes = 0;
  readonly #bytesOf: TextBytes;

  constructor(bytesOf: TextBytes) {
    this.#bytesOf = bytesOf;
  }

  addPart(part: Part): void {
    switch (part.type) {
      case "text":
        this.textBytes += this.#bytesOf(part.text);
        return;
      case "reasoning":
        this.textBytes += this.#bytesOf(part.text) + (part.redactedData?.length ?? 0);
        return;
      case "tool_call":
        this.textBytes += this.#bytesOf(part.name) + this.#bytesOf(part.argumentsJson);
        return;
      case "tool_result":
        for (const content of part.content) this.addPart(content);
        return;
      case "image":
        this.images += 1;
        return;
      case "file":
        this.#addFile(part.source);
    }
  }

  addTool({ name, description, parameters }: Tool): void {
    this.textBytes += this.#bytesOf(name);
    if (description !== undefined) this.textBytes += this.#bytesOf(description);
    if (parameters !== undefined) this.textBytes += this.#bytesOf(JSON.stringify(parameters));
  }

  addSchema({ schema, description }: Extract<ResponseFormat, { readonly type: "json_schema" }>): void {
    this.textBytes += this.#bytesOf(JSON.stringify(schema));
    if (description !== undefined) this.textBytes += this.#bytesOf(description);
  }

  #addFile(source: MediaSource): void {
    // Base64 has four characters for three bytes.
    if ("data" in source) this.fileBytes += Math.ceil((source.data.length * 3) / 4);
    else this.images += 1;
  }
}
