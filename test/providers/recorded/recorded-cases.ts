// All recorded cases, each with the format that reads it, or what to say where the folder is missing.

import { fixturesFolder, readRecordedCases } from "../../support/fixtures.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type { Vendor } from "./vendor.ts";
import { notOffered, vendors } from "./vendors.ts";

const all: readonly RecordedCase[] = readRecordedCases() ?? [];

/** Recordings of what no provider of ours offers; the suite names them. */
export const leftOutCases = all.filter((recorded) => notOffered(recorded));

/** The format that reads the recording; undefined where none does, or several. */
export function vendorOf(recorded: RecordedCase): Vendor | undefined {
  const [vendor, ...more] = vendors.filter((each) => each.reads(recorded));
  return more.length === 0 ? vendor : undefined;
}

const offered = all.filter((recorded) => !notOffered(recorded));

/** Chats and errors. */
export const recordedCases = offered.filter(({ kind }) => kind === "chat" || kind === "error");
export const recordedEmbeddings = offered.filter(({ kind }) => kind === "embeddings");
export const recordedModels = offered.filter(({ kind }) => kind === "models");

export const leftOut = `recorded traffic left out: no folder at ${fixturesFolder}`;
