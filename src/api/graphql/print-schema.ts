// Writes the schema to the file that is named: `node print-schema.ts generated/schema.graphql`.

import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { printedSchema } from "./schema.ts";

const [, , path] = argv;
if (path === undefined) throw new Error("Name the file that the schema is to be written to.");
writeFileSync(path, printedSchema());
