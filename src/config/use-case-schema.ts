// What a use case's entry may say.

import { z } from "zod";
import { cacheSchema } from "./cache-schema.ts";
import { nameSchema } from "./entry-name.ts";

export const useCaseSchema = z.strictObject({ route: nameSchema, cache: cacheSchema.optional() });
