// What Node has compiled is kept for the next start, which then takes half the time. To be imported before all else.

import { enableCompileCache, findPackageJSON } from "node:module";
import { dirname, join } from "node:path";

/** Beside the packages; where it may not be written, the start is only slower. */
const folder = join(
  dirname(findPackageJSON("..", import.meta.url) ?? import.meta.dirname),
  "node_modules/.cache/compile",
);

// Threads that are started later find it by the variable, which an operator may have set.
process.env["NODE_COMPILE_CACHE"] ||= folder;
enableCompileCache(process.env["NODE_COMPILE_CACHE"]);
