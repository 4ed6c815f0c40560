import type { ChangedEntry, DirectoryWritten } from "../../core/directory/directory-store.ts";

/** What a change changed, or why it was not made. */
export type Applied = readonly ChangedEntry[] | Exclude<DirectoryWritten["outcome"], "written">;

/** The version that a transaction has raised the directory to, and when. */
export interface AtVersion {
  readonly version: number;
  readonly epochMs: number;
}
