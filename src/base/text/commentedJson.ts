/** Parses JSON as editors write it: with comments, commas before a closing bracket, and a byte order mark. Throws a SyntaxError. */
export function parseCommentedJson(text: string): unknown {
  const bare = text.replace(/^\uFEFF/, "").replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[^]*?\*\//g, keepText);
  return JSON.parse(bare.replace(/"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g, keepText));
}

const keepText = (part: string): string => (part.startsWith('"') ? part : "");
