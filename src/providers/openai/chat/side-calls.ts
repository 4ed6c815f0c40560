// What a member of the family can be asked for beside chats, over the same connections.

import type { Provider } from "../../../core/provider.ts";
import { type ErrorReader, sendOverHttp } from "../../chat-over-http.ts";
import { embedOverHttp } from "../../embed-over-http.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { ProviderSettings } from "../credential.ts";
import { addressOf } from "./address.ts";
import { buildEmbedRequest, readEmbedAnswer } from "./embeddings.ts";
import type { FamilyMember } from "./family-member.ts";
import { readModelList } from "./models.ts";

export interface FamilyConnection {
  readonly upstream: Upstream;
  readonly member: FamilyMember;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly settings: ProviderSettings;
  readonly headers: Readonly<Record<string, string>>;
  readonly reader: ErrorReader;
}

/** Without what the member does not have. */
export function sideCalls(connection: FamilyConnection): Pick<Provider, "embed" | "listModels"> {
  const embed = embedBy(connection);
  return {
    ...(embed === undefined ? {} : { embed }),
    ...(connection.member.listsModels ? { listModels: listBy(connection) } : {}),
  };
}

function embedBy({
  upstream,
  member,
  baseUrl,
  settings,
  headers,
  reader,
}: FamilyConnection): Provider["embed"] {
  const ways = member.embeddings;
  if (ways === undefined) return undefined;
  const { readError, requestIdOf } = reader;
  return async (request, { model, heldToModel, signal }) => {
    const address = addressOf(member, { call: "embeddings", model, baseUrl, settings });
    const context = { model: address.model, member, ways, heldToModel };
    const { body, losses } = buildEmbedRequest(request, context);
    const readEmbedded = (text: string) => readEmbedAnswer(text, { request, context });
    return embedOverHttp(
      {
        upstream,
        request: { method: "POST", path: address.path, headers, body: JSON.stringify(body) },
        losses,
        reader: { readError, requestIdOf, readEmbedded },
      },
      signal,
    );
  };
}

function listBy({ upstream, member, baseUrl, settings, headers, reader }: FamilyConnection) {
  const { path } = addressOf(member, { call: "models", model: "", baseUrl, settings });
  return async (signal: AbortSignal) => {
    const answer = await sendOverHttp(
      { upstream, request: { method: "GET", path, headers }, reader },
      signal,
    );
    return readModelList(await answer.text(), member);
  };
}
