import { textMemory, valueMemory } from "../json-memory.ts";
import type { ChatEvent } from "./events.ts";

/** An event and what holds it. */
export const bytesAnEvent = 160;
/** One with what is known of its call. */
const bytesWithMeta = 800;

/** About what an event takes in memory. */
export function chatEventMemory(event: ChatEvent): number {
  switch (event.type) {
    case "part_delta":
      return bytesAnEvent + 2 * event.text.length + valueMemory(event.logprobs);
    case "part_started":
      return bytesAnEvent + valueMemory(event.part);
    case "part_finished":
      return bytesAnEvent + textMemory(event.signature) + textMemory(event.redactedData);
    case "started":
    case "finished":
    case "seam":
    case "usage":
      return bytesWithMeta;
  }
}
