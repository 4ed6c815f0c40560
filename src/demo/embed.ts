/** From a request for embeddings to its answer. */
import { parseDirective } from "./directive.ts";
import { vectorOf, type EmbeddingRequest, type VendorEmbeddings } from "./embedding.ts";
import { sendJson, strikeFirst } from "./send-whole.ts";
import { faultFor, findModel, servedAs, type Turn } from "./turn.ts";

/** A directive may stand in any of the texts; the first one counts. */
export async function embed(
  turn: Turn,
  embeddings: VendorEmbeddings,
  request: EmbeddingRequest,
): Promise<void> {
  const { options, stage } = turn;
  const model = findModel(options.embeddingModels, request.model, options);
  if (model === undefined) {
    const chats = findModel(options.models, request.model, options) !== undefined;
    throw chats ? embeddings.noEmbeddings(request.model) : stage.vendor.unknownModel(request.model);
  }
  const written = request.inputs.find(({ text }) => parseDirective(text).text !== text)?.text ?? "";
  const { directive } = parseDirective(written);
  const struck = faultFor(turn, { written, directive, model, asked: request.model });
  if (turn.fault === undefined && (await strikeFirst(stage, struck))) return;
  const body = embeddings.reply({
    request,
    vectors: request.inputs.map((input) => vectorOf(model, input)),
    servedModel: servedAs(model, options),
    inputTokens: request.inputs.reduce((sum, { tokens }) => sum + tokens, 0),
  });
  return sendJson(stage, body, { delayMs: directive.delayMs ?? options.tokenDelayMs, fault: struck });
}
