declare module "pg" {
  import type { NativePool, NativePoolOptions } from "./postgres-native.ts";

  const pg: { readonly Pool: new (options: NativePoolOptions) => NativePool };
  export { pg as default };
}
