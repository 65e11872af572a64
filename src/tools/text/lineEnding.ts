// A file's lines end alike, or the first thousands of them say which way most do.
const LOOKED_AT = 20_000;

/** The line ending that a text uses most; "\n" when it has none. */
export function lineEnding(text: string): "\n" | "\r\n" {
  let all = 0;
  let windows = 0;
  for (let at = text.indexOf("\n"); at >= 0 && all < LOOKED_AT; at = text.indexOf("\n", at + 1)) {
    all += 1;
    if (text[at - 1] === "\r") windows += 1;
  }
  return windows * 2 > all ? "\r\n" : "\n";
}

/** How lines end at a place: as its own line does, or the one before it; undefined where the text is one line. */
export function endingAt(text: string, at: number): "\n" | "\r\n" | undefined {
  const own = text.indexOf("\n", at);
  const found = own >= 0 ? own : text.lastIndexOf("\n", at);
  if (found < 0) return undefined;
  return text[found - 1] === "\r" ? "\r\n" : "\n";
}

/** The same text with another line ending. */
export function toEnding(text: string, ending: "\n" | "\r\n"): string {
  const lines = text.replaceAll("\r\n", "\n");
  return ending === "\r\n" ? lines.replaceAll("\n", "\r\n") : lines;
}

/** The same text with the line endings that `like` uses. A text without any lines to go by is left as it is. */
export function withLineEnding(text: string, like: string): string {
  return like.includes("\n") ? toEnding(text, lineEnding(like)) : text;
}
