import { ownPrincipal } from "../core/access/own-principal.ts";
import type { Principal } from "../core/access/principal.ts";

/** As whom setup acts: it is bound by what binds whoever needs no credential, and is told apart from them. */
export const setupPrincipal: Principal = { ...ownPrincipal, system: true };
