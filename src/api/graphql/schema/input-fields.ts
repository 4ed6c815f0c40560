import type { builder } from "../builder.ts";

type SchemaTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

/** For fields that several inputs have. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<SchemaTypes, "InputObject">;
