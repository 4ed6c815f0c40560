// A configuration that is full of secrets.

import type { Planted } from "./planted.ts";

export const environmentOf = (planted: Planted, upstream: string, redisPort: number) => ({
  OPENAI_API_KEY: planted.openAiKey,
  OPENAI_BASE_URL: `${upstream}/v1`,
  OPENAI_MODEL: "m",
  GROQ_API_KEY: planted.groqKey,
  GROQ_BASE_URL: upstream,
  GROQ_MODEL: "m",
  ANTHROPIC_API_KEY: planted.anthropicKey,
  ANTHROPIC_BASE_URL: upstream,
  ANTHROPIC_MODEL: "m",
  GEMINI_API_KEY: planted.geminiKey,
  GEMINI_BASE_URL: upstream,
  GEMINI_MODEL: "m",
  MISTRAL_API_KEY: planted.mistralKey,
  MISTRAL_BASE_URL: `${upstream}/v1`,
  AZURE_OPENAI_AD_TOKEN: planted.azureAdToken,
  AZURE_OPENAI_ENDPOINT: upstream,
  OPENAI_API_VERSION: "2026-01-01",
  AZURE_OPENAI_DEPLOYMENTS: "m=m",
  AZURE_OPENAI_MODEL: "m",
  AWS_ACCESS_KEY_ID: planted.awsKeyId,
  AWS_SECRET_ACCESS_KEY: planted.awsSecretKey,
  AWS_SESSION_TOKEN: planted.awsSessionToken,
  AWS_REGION: "eu-west-1",
  BEDROCK_BASE_URL: upstream,
  BEDROCK_MODEL: "m",
  // Each call is to reach its provider.
  BREAKER_FAILURE_THRESHOLD: "1000",
  SLUICE_API_KEYS: planted.configuredKey,
  SLUICE_SECRET: planted.secret,
  SLUICE_SECRET_PREVIOUS: planted.previousSecret,
  REDIS_URL: `redis://:${planted.redisPassword}@127.0.0.1:${redisPort}`,
});

export const yamlOf = (planted: Planted, upstream: string) => `
  providers:
    filed:
      kind: openai
      baseUrl: "${upstream}/v1"
      model: m
      apiKeys: ["${planted.fileKey}", "${planted.otherFileKey}"]
    bedrock:
      kind: bedrock
      baseUrl: "${upstream}"
      model: m
      region: eu-west-1
      accessKeyId: "\${AWS_ACCESS_KEY_ID}"
      secretAccessKey: "\${AWS_SECRET_ACCESS_KEY}"
      sessionToken: "\${AWS_SESSION_TOKEN}"
`;
