// Where the gateways of one deployment share, for a minute, what they have found of keys: texts that whoever keeps them
// cannot read; and marks, which tell by what version of the directory something was changed last.

export interface SharedKeyStore {
  /** Undefined: there is none, or it is out of reach. Never rejects, and takes some milliseconds at most. */
  read(name: string): Promise<string | undefined>;
  /** Nobody waits for it; it may be lost. */
  write(name: string, text: string, keepMs: number): void;
  /** The highest mark of any of the names, 0 where there is none; undefined: out of reach. Never rejects. */
  newestMark(names: readonly string[]): Promise<number | undefined>;
  /** A higher mark stays. Resolves when it can be read, or is lost. */
  mark(names: readonly string[], version: number, keepMs: number): Promise<void>;
  close(): Promise<void>;
}
