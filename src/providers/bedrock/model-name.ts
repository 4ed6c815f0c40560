// How a model may be named in the address. Source:
// docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, inference-profiles-support.html

const resource = /^arn:[^:]*:bedrock:[^:]*:\d*:(?:foundation-model|inference-profile)\//;

const profile = /^(?:us|us-gov|ca|eu|apac|jp|au|global)\./;

/** The id in the resource's name, and the model's own without the region's profile. */
export function otherNames(model: string): readonly string[] {
  const id = model.replace(resource, "");
  return [...new Set([id, id.replace(profile, "")])].filter((name) => name !== model && name !== "");
}
