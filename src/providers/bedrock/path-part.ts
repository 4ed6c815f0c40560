/** As RFC 3986 has it, and the vendor in its signatures: all but letters, digits and `-._~`. */
export const encodePathPart = (part: string): string =>
  encodeURIComponent(part).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
