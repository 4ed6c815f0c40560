// The documents that the GraphQL clients send: they ask for everything that the suite compares.

const metaFields = /* GraphQL */ `
  fragment metaFields on ReplyMeta {
    requestId
    correlationId
    provider
    model
    modelServed
    route
    attempts
    cacheStatus
    latencyMs
    costNanos
    losses {
      field
      detail
    }
  }
`;

const tokenFields = /* GraphQL */ `
  input {
    total
    uncached
    cacheRead
    cacheWrite
    audio
  }
  output {
    total
    text
    reasoning
    audio
  }
  source
`;

export const chatSubscription = /* GraphQL */ `
  subscription ($input: ChatInput!) {
    chat(input: $input) {
      type: __typename
      sequence
      ... on Started { id provider model createdAt meta { ...metaFields } }
      ... on PartStarted { index kind tool { id name } }
      ... on PartDelta { index text }
      ... on PartFinished { index signature redactedData vendor }
      ... on Usage { ${tokenFields} }
      ... on Seam { provider model policy losses { field detail } }
      ... on Finished { reason rawReason stopSequence meta { ...metaFields } }
    }
  }
  ${metaFields}
`;

export const chatMutation = /* GraphQL */ `
  mutation ($input: ChatInput!) {
    chat(input: $input) {
      text
      parts {
        kind
        text
        reasoning { text signature redactedData vendor }
        refusal
        toolCall { id name argumentsJson signature vendor }
      }
      finishReason
      rawReason
      stopSequence
      usage { ${tokenFields} }
      meta { ...metaFields }
    }
  }
  ${metaFields}
`;

export const embedMutation = /* GraphQL */ `
  mutation ($input: EmbedInput!) {
    embed(input: $input) {
      id
      provider
      model
      createdAt
      vectors { values base64 dimensions }
      usage { ${tokenFields} }
      meta { ...metaFields }
    }
  }
  ${metaFields}
`;

export const requestsQuery = /* GraphQL */ `
  query ($after: String) {
    requests(first: 200, after: $after) {
      hasMore
      endCursor
      nodes {
        id
        status
        errorCode
        operation
        delivery
        messageCount
        route
        provider
        finishReason
        costNanos
        attemptCount
        usage { ${tokenFields} }
        attempts { number reason provider status failure costNanos usage { ${tokenFields} } }
      }
    }
  }
`;
