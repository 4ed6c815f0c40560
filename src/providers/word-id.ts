/**
 * A tool call's id for a vendor that takes letters, digits, `_` and `-` alone; other vendors' have more. The same id
 * always becomes the same, so that call and result still meet.
 */
export const wordId = (id: string): string =>
  id.replaceAll(/[^a-zA-Z0-9_-]/g, (char) => `_${char.charCodeAt(0).toString(16)}`);
