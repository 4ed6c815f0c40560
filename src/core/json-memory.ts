/** About what an object, or a text, takes beside what it holds. */
const bytesAnObject = 32;
const bytesAText = 16;
const bytesANumber = 16;
const bytesAMember = 8;

export const textMemory = (text: string | undefined): number =>
  text === undefined ? 0 : bytesAText + 2 * text.length;

/** About what a value of plain objects takes in memory, in bytes. Of any depth: it has a list of its own. */
export function valueMemory(value: unknown): number {
  let bytes = 0;
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === "string") bytes += textMemory(next);
    else if (typeof next === "number") bytes += bytesANumber;
    else if (typeof next === "object" && next !== null) {
      bytes += bytesAnObject;
      if (Array.isArray(next)) {
        bytes += bytesAMember * next.length;
        for (const each of next) open.push(each);
        continue;
      }
      for (const [name, member] of Object.entries(next)) {
        bytes += bytesAMember + textMemory(name);
        open.push(member);
      }
    }
  }
  return bytes;
}
