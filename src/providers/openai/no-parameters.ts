import type { JsonObject } from "../../core/json.ts";

/** The schema of a tool without parameters: not every vendor takes a tool without a schema. */
export const noParameters: JsonObject = { type: "object", properties: {}, additionalProperties: false };
