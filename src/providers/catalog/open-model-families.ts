// What is documented of models that many hosts serve, and of those of hosts' own.

import { chat, embed, type ModelFamily, traits } from "./model-family.ts";

export const openModelFamilies: readonly ModelFamily[] = [
  {
    pattern: /^deepseek-(?:v4|reasoner|v3\.[1-9])/,
    operations: chat,
    capabilities: traits(["tools", "reasoning"], ["vision"]),
    source: "https://api-docs.deepseek.com/guides/thinking_mode",
  },
  {
    pattern: /^deepseek-(?:chat|v3)/,
    operations: chat,
    capabilities: traits(["tools"], ["vision"]),
    source: "https://api-docs.deepseek.com/guides/function_calling",
  },
  {
    pattern: /^deepseek-r1/,
    operations: chat,
    capabilities: traits(["reasoning"], ["vision"]),
    source: "https://api-docs.deepseek.com/news/news250120",
  },
  {
    pattern: /^llama-?4/,
    operations: chat,
    capabilities: traits(["tools", "vision"], ["reasoning"]),
    source: "https://www.llama.com/docs/model-cards-and-prompt-formats/llama4/",
  },
  {
    pattern: /^llama-?3[.-]2-(?:11b|90b)|^llama3\.2-vision/,
    operations: chat,
    capabilities: traits(["tools", "vision"], ["reasoning"]),
    source: "https://www.llama.com/docs/model-cards-and-prompt-formats/llama3_2/",
  },
  {
    pattern: /^llama-?3[.-][123]\b/,
    operations: chat,
    capabilities: traits(["tools"], ["vision", "reasoning"]),
    source: "https://www.llama.com/docs/model-cards-and-prompt-formats/llama3_3/",
  },
  {
    pattern:
      /^qwen3-(?:embedding|reranker)|^(?:nomic-embed|mxbai-embed|bge-|all-minilm|snowflake-arctic-embed|embeddinggemma)/,
    operations: embed,
    source: "https://ollama.com/search?c=embedding",
  },
  {
    pattern: /^qwen3-(?:.*-instruct|coder)/,
    operations: chat,
    capabilities: traits(["tools"], ["reasoning"]),
    source: "https://github.com/QwenLM/Qwen3",
  },
  {
    pattern: /^(?:qwen3(?:[.:-]|$)|qwq)/,
    operations: chat,
    capabilities: traits(["tools", "reasoning"], []),
    source: "https://github.com/QwenLM/Qwen3",
  },
  {
    pattern: /^qwen-?2\.5-vl/,
    operations: chat,
    capabilities: traits(["vision"], ["reasoning"]),
    source: "https://github.com/QwenLM/Qwen2.5-VL",
  },
  {
    pattern: /^qwen-?2\.5/,
    operations: chat,
    capabilities: traits(["tools"], ["vision", "reasoning"]),
    source: "https://github.com/QwenLM/Qwen2.5",
  },
  {
    pattern: /^kimi-k2-(?:thinking|instruct|0)/,
    operations: chat,
    capabilities: traits(["tools"], ["vision"]),
    source: "https://github.com/MoonshotAI/Kimi-K2",
  },
  {
    pattern: /^nova-(?:lite|pro|premier)/,
    operations: chat,
    capabilities: traits(["tools", "vision"], ["reasoning"]),
    source: "https://docs.aws.amazon.com/nova/latest/userguide/what-is-nova.html",
  },
  {
    pattern: /^nova-micro/,
    operations: chat,
    capabilities: traits(["tools"], ["vision", "reasoning"]),
    source: "https://docs.aws.amazon.com/nova/latest/userguide/what-is-nova.html",
  },
  {
    pattern: /^titan-embed/,
    operations: embed,
    source: "https://docs.aws.amazon.com/bedrock/latest/userguide/titan-embedding-models.html",
  },
];
