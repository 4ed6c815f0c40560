declare module "better-sqlite3" {
  import type { NativeConnection } from "./sqlite-native.ts";

  const Database: new (file: string, options?: { readonly readonly: boolean }) => NativeConnection;
  export { Database as default };
}
