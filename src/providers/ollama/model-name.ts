// Source: docs.ollama.com/api/introduction, "Model names"

const usualTag = ":latest";

/** A name without a tag means the tag `latest`. */
export function otherNames(model: string): readonly string[] {
  if (model.endsWith(usualTag)) return [model.slice(0, -usualTag.length)];
  return model.includes(":") ? [] : [model + usualTag];
}
