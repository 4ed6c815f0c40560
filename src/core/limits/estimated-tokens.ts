// How many tokens a request is taken to have before anybody has counted them: by its bytes, without a tokenizer. One
// rule for rate limits and for budgets.

import type { Call } from "../call.ts";
import type { OperationShape } from "../operation.ts";

/** The length of a text in UTF-8. */
export type TextBytes = (text: string) => number;

/** What of a request is read by the model. */
export interface InputSize {
  /** Of texts, tool calls, their results, tools and schemas. */
  readonly textBytes: number;
  /** Files that only their address is known of are counted like images. */
  readonly images: number;
  readonly fileBytes: number;
}

/** English has about 4 bytes a token; code and numbers have fewer, and are then estimated too low. */
export const bytesAToken = 4;
/** What vendors take for an image of common size, or less. */
const tokensAnImage = 1_000;

const tokensOf = ({ textBytes, images, fileBytes }: InputSize): number =>
  Math.ceil(textBytes / bytesAToken) + images * tokensAnImage + Math.ceil(fileBytes / bytesAToken);

/** Of the call's own request; it is looked through once, whoever asks. */
export const estimatedInputTokens = <S extends OperationShape>(call: Call<S>, textBytes: TextBytes): number =>
  (call.estimatedInputTokens ??= tokensOf(call.operation.inputSize(call.request, textBytes)));

/** Of another request of the call, as the one that goes on with a broken answer. */
export const estimatedTokensOf = <S extends OperationShape>(
  { operation }: Call<S>,
  request: S["request"],
  textBytes: TextBytes,
): number => tokensOf(operation.inputSize(request, textBytes));

/** `TextBytes` for runtimes that bring nothing faster: Node's `Buffer.byteLength` takes a tenth of the time. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // A pair of surrogates is four bytes; a lone one is sent as U+FFFD, which is three.
    if (code < 0x800) bytes += 1;
    else if (isPair(code, text.charCodeAt(i + 1))) {
      bytes += 2;
      i += 1;
    } else bytes += 2;
  }
  return bytes;
}

const isPair = (code: number, next: number): boolean =>
  code >= 0xd800 && code < 0xdc00 && next >= 0xdc00 && next < 0xe000;
