/** The line ending that a text uses most; "\n" when it has none. */
export function lineEnding(text: string): "\n" | "\r\n" {
  const all = text.split("\n").length - 1;
  const windows = text.split("\r\n").length - 1;
  return windows * 2 > all ? "\r\n" : "\n";
}

/** The same text with the line endings that `like` uses. A text without any lines to go by is left as it is. */
export function withLineEnding(text: string, like: string): string {
  if (!like.includes("\n")) return text;
  const lines = text.replaceAll("\r\n", "\n");
  return lineEnding(like) === "\r\n" ? lines.replaceAll("\n", "\r\n") : lines;
}
