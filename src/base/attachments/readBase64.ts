/**
 * The bytes of standard base64; undefined for a text that is empty or anything else. A decoder passes over what it does
 * not know, so fewer bytes than the length promises tell of it: an expression over megabytes may exhaust the stack.
 */
export function readBase64(text: string): Buffer | undefined {
  if (text === "" || text.length % 4 !== 0 || text.includes("-") || text.includes("_")) return undefined;
  // A decoder looks at the low byte of a character alone.
  if (Buffer.byteLength(text) !== text.length) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = Buffer.from(text, "base64");
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : undefined;
}
