import type { DocumentNode } from "graphql";

export interface DocumentCache {
  get(text: string): DocumentNode | undefined;
  set(text: string, document: DocumentNode): void;
}

/**
 * Parsed documents by their text. Long ones are not kept: they are those with their values written into
 * them, which do not come twice.
 */
export function createDocumentCache({ maxDocuments = 512, maxChars = 8_192 } = {}): DocumentCache {
  const documents = new Map<string, DocumentNode>();
  return {
    get(text) {
      const document = text.length > maxChars ? undefined : documents.get(text);
      if (document !== undefined) {
        documents.delete(text);
        documents.set(text, document);
      }
      return document;
    },
    set(text, document) {
      if (text.length > maxChars) return;
      documents.set(text, document);
      const oldest = documents.size > maxDocuments ? documents.keys().next() : undefined;
      if (oldest !== undefined && oldest.done !== true) documents.delete(oldest.value);
    },
  };
}
