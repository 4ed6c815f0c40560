import type { ArgBuilder } from "@pothos/core";
import type { builder } from "../builder.ts";

export type SchemaTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

/** For fields that several inputs have. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<SchemaTypes, "InputObject">;

/** For arguments that several fields have. */
export type Arguments = ArgBuilder<SchemaTypes>;

/** For fields that several types have. */
export type OutputFields<Parent> = PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Parent>;
