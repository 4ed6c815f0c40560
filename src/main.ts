// The process's entry. All else is loaded after the cache of compiled code is on, which halves the time of a start.

import "./compile-cache.ts";

await import("./start-process.ts");
