// The page for trying queries. It is whole in itself: the browser loads nothing from anywhere else.

import type { ServerResponse } from "node:http";

const welcome = `# Ask a model and see its answer come in: press the button above.
subscription {
  chat(input: { model: "auto", messages: [{ role: USER, parts: [{ text: "Hello" }] }] }) {
    __typename
    sequence
    ... on PartDelta { text }
    ... on Finished { reason }
  }
}
`;

let page: Promise<Buffer> | undefined;

// Loaded when it is first asked for: it is some megabytes that most processes never show.
async function loadPage(): Promise<Buffer> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  return Buffer.from(
    renderGraphiQL({ title: "Sluice", defaultQuery: welcome, subscriptionsProtocol: "SSE" }),
  );
}

export async function answerGraphiql(response: ServerResponse): Promise<void> {
  page ??= loadPage();
  const html = await page;
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-length": html.length,
    // No other site may frame it and have its buttons pressed.
    "content-security-policy": "frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "cache-control": "no-cache",
  });
  response.end(html);
}
