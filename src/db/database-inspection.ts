/** What a look at a database, without a change, has shown. */
export interface DatabaseInspection {
  /** What it is, without user and password. */
  readonly place: string;
  readonly state: "in_memory" | "to_be_made" | "there";
  /** Names of what the next start does to its tables. */
  readonly missingMigrations: readonly string[];
  /** By its own clock, milliseconds since 1970; absent for a file. */
  readonly epochMs?: number;
  /** Absent for a server. */
  readonly file?: InspectedFile;
}

export interface InspectedFile {
  readonly path: string;
  /** Its permissions, as of chmod; undefined while it does not exist. */
  readonly mode: number | undefined;
  /** On its disk. */
  readonly freeBytes: number;
}
