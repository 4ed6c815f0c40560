// The one figure that is taken inside the gateway: what an adapter needs from the bytes of an event to the core's.

import type { Figure, Line } from "./bench-context.ts";
import { type DecodedFormat, decodedFormats } from "./decoded-formats.ts";
import { median } from "./statistics.ts";

const limit = 2.5;
const rounds = 9;
const streamsARound = 300;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const decodeEvent: Figure = {
  name: "decode",
  method: [
    "CPU from the bytes of a stream's event to the core's event, without a socket, one event a read: framing, the",
    "adapter's decoder and the async step to the core. Baseline: JSON.parse(decode(data)) of the same events.",
    `Median of ${rounds} rounds of ${streamsARound} streams, taken in turn.`,
  ],
  async measure() {
    const lines: Line[] = [];
    for (const format of decodedFormats) lines.push(await lineOf(format));
    return { lines, notes: [] };
  },
};

async function lineOf(format: DecodedFormat): Promise<Line> {
  const pieces = format.pieces.map((piece) => encoder.encode(piece));
  const data = format.data.map((text) => encoder.encode(text));
  const ours = () => format.decode(pieces);
  const baseline = () => {
    let parsed = 0;
    for (const bytes of data) if (JSON.parse(decoder.decode(bytes)) !== null) parsed += 1;
    return Promise.resolve(parsed);
  };
  await round(ours);
  await round(baseline);
  const oursUs: number[] = [];
  const baselineUs: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    baselineUs.push((await round(baseline)) / data.length);
    oursUs.push((await round(ours)) / data.length);
  }
  const ratios = oursUs.map((us, i) => us / (baselineUs[i] ?? Number.NaN));
  const ratio = median(ratios);
  return {
    name: `decoding an event, ${format.name}`,
    ours: `${median(oursUs).toFixed(2)} µs`,
    baseline: `${median(baselineUs).toFixed(2)} µs`,
    ratio: `${ratio.toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
    limit: `≤ ${limit}`,
    holds: ratio <= limit,
  };
}

/** Microseconds of this thread for one stream. */
async function round(decodeStream: () => Promise<number>): Promise<number> {
  const before = process.threadCpuUsage();
  for (let i = 0; i < streamsARound; i += 1) {
    if ((await decodeStream()) === 0) throw new Error("A stream gave no event.");
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / streamsARound;
}
