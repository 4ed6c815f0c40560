// How the recordings of one wire format are read by its adapter, and what they must give.

import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Provider } from "../../../src/core/provider.ts";
import type { ProviderError } from "../../../src/core/provider-error.ts";
import type { StreamDecoder } from "../../../src/providers/decode-stream.ts";
import type { Framing } from "../../../src/providers/upstream/upstream.ts";
import type { RecordedCase, RecordedRequest } from "../../support/fixtures.ts";
import { cutStream } from "./cut-stream.ts";
import type { CutStream } from "./cut-stream.ts";
import type { Expectation, ExpectedEmbedding } from "./expectation.ts";

interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A recorded request in the core's words, and what our adapter must send for it. */
export interface RequestMeaning {
  readonly request: ChatRequest;
  readonly model: string;
  /** The recorded body, with forms that the vendor documents as equal brought to the one that we send. */
  readonly body: unknown;
}

export interface Vendor {
  /** Which recordings are of this format. */
  readonly reads: (recorded: RecordedCase) => boolean;
  /** Plays a stream's bytes in pieces; undefined where the format has no streams. */
  readonly cut: (bytes: Uint8Array) => Promise<CutStream>;
  /**
   * The stream ends with its body, not with an event: who cuts it off is seen by the transport. Then
   * `wholeFromByte` is where an end of the body makes it whole.
   */
  readonly endsWithBody: boolean;
  /** Apart from the adapter: after how many bytes the stream is whole; Infinity: never. */
  readonly wholeFromByte: (recorded: RecordedCase) => number;
  readonly readAnswer: (text: string) => readonly ProviderChatEvent[];
  readonly readError: (answer: ErrorAnswer) => ProviderError;
  readonly provider: (baseUrl: string) => Provider;
  /** What the path of a chat matches, its query included; one for both where the body's `stream` tells. */
  readonly path: (stream: boolean) => RegExp;
  /** Where an answer tells the vendor's id of the request. */
  readonly requestIdHeader: string;
  /** Apart from the adapter: what a recording must give. */
  readonly expect: (recorded: RecordedCase) => Expectation;
  /** Apart from the adapter; undefined where the request cannot be asked for through the core: then the reason. */
  readonly readRequest: (request: RecordedRequest) => RequestMeaning | string;
  readonly expectEmbedding?: ((recorded: RecordedCase) => ExpectedEmbedding) | undefined;
  /** The ids that a recorded list of models must give. */
  readonly expectModels?: ((recorded: RecordedCase) => readonly string[]) | undefined;
}

/** `Vendor.cut` for an adapter's framing and decoder. */
export const cutBy =
  <F>(framing: Framing<F>, decoder: () => StreamDecoder<F>) =>
  (bytes: Uint8Array): Promise<CutStream> =>
    cutStream({ bytes, framing, decoder });
