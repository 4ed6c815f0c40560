// Requests with one fault each.

const user = { role: "user", content: "Hi" };
const message = (content: unknown) => ({ messages: [{ role: "user", content }] });
const tool = (declared: object) => ({ messages: [user], tools: [{ type: "function", ...declared }] });
const png = (url: string) => message([{ type: "image_url", image_url: { url } }]);

const details = (...reasoning_details: unknown[]) => ({
  messages: [{ role: "assistant", content: "a", reasoning_details }],
});

/** Bodies that must be refused, each with the field at fault as OpenAI would name it. */
export const badRequests: readonly (readonly [field: string, body: unknown])[] = [
  ["body", ""],
  ["body", "{"],
  ["body", '{"messages":[{"role":"user","content":"a"}'],
  ["body", []],
  ["body", "null"],
  ["body", '"text"'],
  ["messages", {}],
  ["messages", { messages: null }],
  ["messages", { messages: [] }],
  ["messages", { messages: "Hi" }],
  ["messages[0]", { messages: ["Hi"] }],
  ["messages[1].role", { messages: [user, { content: "a" }] }],
  ["messages[0].role", { messages: [{ role: "robot", content: "a" }] }],
  ["messages[0].role", { messages: [{ role: "function", name: "f", content: "a" }] }],
  ["messages[0].content", { messages: [{ role: "user" }] }],
  ["messages[0].content", message(7)],
  ["messages[0].content", message([])],
  ["messages[0].content", { messages: [{ role: "assistant", content: null }] }],
  ["messages[0].content[0]", message(["Hi"])],
  ["messages[0].content[0].type", message([{ text: "Hi" }])],
  ["messages[0].content[0].type", message([{ type: "video", video: {} }])],
  [
    "messages[0].content[0].type",
    message([{ type: "input_audio", input_audio: { data: "AA", format: "wav" } }]),
  ],
  [
    "messages[0].content[1].text",
    message([
      { type: "text", text: "a" },
      { type: "text", text: 1 },
    ]),
  ],
  ["messages[0].content[0].bold", message([{ type: "text", text: "a", bold: true }])],
  ["messages[0].content[0].image_url", message([{ type: "image_url", image_url: "https://x.test/a.png" }])],
  ["messages[0].content[0].image_url.url", message([{ type: "image_url", image_url: {} }])],
  ["messages[0].content[0].image_url.url", png("ftp://x.test/a.png")],
  ["messages[0].content[0].image_url.url", png("https://")],
  ["messages[0].content[0].image_url.url", png("data:image/png,plain")],
  ["messages[0].content[0].image_url.url", png("data:image/png;base64")],
  ["messages[0].content[0].image_url.url", png("data:;base64,AAAA")],
  ["messages[0].content[0].image_url.url", png("data:image/png;base64,not base64")],
  [
    "messages[0].content[0].image_url.detail",
    message([{ type: "image_url", image_url: { url: "https://x.test/", detail: "best" } }]),
  ],
  ["messages[0].content[0].file.file_id", message([{ type: "file", file: { file_id: "file-1" } }])],
  ["messages[0].content[0].file.file_data", message([{ type: "file", file: { file_data: "AAAA" } }])],
  [
    "messages[0].content[0].cache_control.ttl",
    message([{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1d" } }]),
  ],
  [
    "messages[0].content[0]",
    {
      messages: [{ role: "system", content: [{ type: "image_url", image_url: { url: "https://x.test/" } }] }],
    },
  ],
  ["messages[0].mood", { messages: [{ ...user, mood: "good" }] }],
  ["messages[0].name", { messages: [{ ...user, name: 7 }] }],
  ["messages[0].tool_call_id", { messages: [{ role: "tool", content: "a" }] }],
  ["messages[0].tool_call_id", { messages: [{ role: "tool", content: "a", tool_call_id: "" }] }],
  [
    "messages[0].content[0]",
    {
      messages: [
        {
          role: "tool",
          tool_call_id: "c",
          content: [{ type: "file", file: { file_data: "data:a/b;base64,AAAA" } }],
        },
      ],
    },
  ],
  [
    "messages[0].function_call",
    { messages: [{ role: "assistant", function_call: { name: "f", arguments: "{}" } }] },
  ],
  [
    "messages[0].images",
    { messages: [{ role: "assistant", content: "a", images: [{ type: "image_url" }] }] },
  ],
  ["messages[0].audio", { messages: [{ role: "assistant", audio: { id: "a" } }] }],
  [
    "messages[0].tool_calls[0].id",
    {
      messages: [
        {
          role: "assistant",
          reasoning: "r",
          content: "t",
          tool_calls: [{ id: "", type: "function", function: { name: "f", arguments: "{}" } }],
        },
      ],
    },
  ],
  [
    "messages[0].tool_calls[0].function.name",
    {
      messages: [
        {
          role: "assistant",
          tool_calls: [{ id: "c", type: "function", function: { name: "", arguments: "{}" } }],
        },
      ],
    },
  ],
  [
    "messages[0].tool_calls[0].function.arguments",
    {
      messages: [
        {
          role: "assistant",
          tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: {} } }],
        },
      ],
    },
  ],
  [
    "messages[0].tool_calls[0].type",
    { messages: [{ role: "assistant", tool_calls: [{ id: "c", type: "custom", custom: {} }] }] },
  ],
  ...proofRequests(),
  ["model", { messages: [user], model: 4 }],
  ["model", { messages: [user], model: "no-such-model" }],
  ["n", { messages: [user], n: 2 }],
  ["stream", { messages: [user], stream: "yes" }],
  ["stream_options", { messages: [user], stream_options: {} }],
  ["stream_options.every", { messages: [user], stream: true, stream_options: { every: 1 } }],
  ["temperature", { messages: [user], temperature: "hot" }],
  ["temperature", { messages: [user], temperature: -1 }],
  ["top_p", { messages: [user], top_p: 2 }],
  ["top_k", { messages: [user], top_k: 0.5 }],
  ["seed", { messages: [user], seed: 1.5 }],
  ["frequency_penalty", { messages: [user], frequency_penalty: 3 }],
  ["presence_penalty", { messages: [user], presence_penalty: -3 }],
  ["max_completion_tokens", { messages: [user], max_completion_tokens: 0 }],
  ["max_tokens", { messages: [user], max_tokens: 1, max_completion_tokens: 2 }],
  ["stop", { messages: [user], stop: 1 }],
  ["stop[1]", { messages: [user], stop: ["a", 1] }],
  ["reasoning_effort", { messages: [user], reasoning_effort: "heroic" }],
  ["tools", { messages: [user], tools: {} }],
  ["tools[0].type", { messages: [user], tools: [{ type: "custom", custom: { name: "a" } }] }],
  ["tools[0].function", tool({})],
  ["tools[0].function.name", tool({ function: {} })],
  ["tools[0].function.name", tool({ function: { name: "a b" } })],
  ["tools[0].function.parameters", tool({ function: { name: "a", parameters: [] } })],
  ["tools[0].function.handler", tool({ function: { name: "a", handler: "x" } })],
  ["tool_choice", { messages: [user], tool_choice: "some" }],
  ["tool_choice", { messages: [user], tool_choice: "required" }],
  ["tool_choice.type", { messages: [user], tool_choice: { type: "allowed_tools" } }],
  [
    "tool_choice.function.name",
    { messages: [user], tool_choice: { type: "function", function: { name: "a" } } },
  ],
  ["parallel_tool_calls", { messages: [user], parallel_tool_calls: 1 }],
  ["response_format.type", { messages: [user], response_format: { type: "xml" } }],
  ["response_format.json_schema", { messages: [user], response_format: { type: "json_schema" } }],
  [
    "response_format.json_schema.schema",
    { messages: [user], response_format: { type: "json_schema", json_schema: { name: "a" } } },
  ],
  [
    "response_format.json_schema.name",
    { messages: [user], response_format: { type: "json_schema", json_schema: { name: "a b", schema: {} } } },
  ],
  ["metadata.a", { messages: [user], metadata: { a: 1 } }],
  ["metadata", { messages: [user], metadata: { ["k".repeat(65)]: "a" } }],
  ["metadata.tenant", { messages: [user], metadata: { tenant: "Not A Slug" } }],
  ["metadata.__proto__", '{"messages":[{"role":"user","content":"a"}],"metadata":{"__proto__":"x"}}'],
  ["__proto__", '{"messages":[{"role":"user","content":"a"}],"__proto__":{"model":"x"}}'],
  ["messages[0].__proto__", '{"messages":[{"role":"user","content":"a","__proto__":{"name":"x"}}]}'],
  ["functions", { messages: [user], functions: [{ name: "f" }] }],
  ["modalities", { messages: [user], modalities: ["text", "audio"] }],
  ["body", { messages: [user], logit_bias: nested(100) }],
];

function proofRequests(): readonly (readonly [field: string, body: unknown])[] {
  const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };
  const extra = (extra_content: unknown) => ({
    messages: [{ role: "assistant", tool_calls: [{ ...call, extra_content }] }],
  });
  const [at, within] = ["messages[0].reasoning_details[0]", "messages[0].tool_calls[0].extra_content"];
  return [
    [
      "messages[0].reasoning_details",
      { messages: [{ role: "assistant", content: "a", reasoning_details: {} }] },
    ],
    [at, details("Hm.")],
    [`${at}.type`, details({ text: "Hm." })],
    [`${at}.type`, details({ type: "reasoning.video" })],
    [`${at}.text`, details({ type: "reasoning.text", text: 1 })],
    [`${at}.signature`, details({ type: "reasoning.text", text: "a", signature: {} })],
    [`${at}.index`, details({ type: "reasoning.text", text: "a", index: "0" })],
    [`${at}.format`, details({ type: "reasoning.text", text: "a", format: 1 })],
    [`${at}.data`, details({ type: "reasoning.encrypted" })],
    [`${at}.data`, details({ type: "reasoning.text", text: "a", data: "e" })],
    [`${at}.summary`, details({ type: "reasoning.summary" })],
    [within, extra("t1")],
    [within, extra({ google: { thought_signature: "t1" }, sluice: { signature: "t1" } })],
    [`${within}.acme`, extra({ acme: { signature: "t1" } })],
    [`${within}.google.thought_signature`, extra({ google: { thought_signature: 1 } })],
    [`${within}.google.signature`, extra({ google: { signature: "t1" } })],
    [`${within}.sluice.signature`, extra({ sluice: { vendor: "acme" } })],
    [`${within}.sluice.maker`, extra({ sluice: { signature: "t1", maker: "acme" } })],
  ];
}

function nested(depth: number): object {
  return depth === 0 ? {} : { in: nested(depth - 1) };
}
