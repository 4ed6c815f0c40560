/** Whether the text is of the pattern, in which `*` stands for any text, also none. Linear but for many `*`. */
export function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let inText = 0;
  let star = -1;
  let retryAt = 0;
  while (inText < text.length) {
    if (at < pattern.length && pattern[at] === "*") {
      star = at;
      retryAt = inText;
      at += 1;
    } else if (at < pattern.length && pattern[at] === text[inText]) {
      at += 1;
      inText += 1;
    } else if (star !== -1) {
      // The last `*` takes one more character: those before it need never take another.
      at = star + 1;
      retryAt += 1;
      inText = retryAt;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
