import { decode1252, isMostlyLost } from "../../base/text/textBytes.ts";

/**
 * The text of a body, in the alphabet that its first bytes, its content-type or itself names. A content-type of UTF-8 holds
 * for what is UTF-8: many servers say so of all that they have. One `isCut` may end within a letter.
 */
export function decodeText(body: Buffer, contentType: string, isCut = false): string {
  const told = byteOrderMark(body) ?? charsetOf(contentType);
  const asTold = told === undefined ? undefined : openDecoder(told)?.decode(body, { stream: isCut });
  if (asTold !== undefined && !(/^utf-?8$/i.test(told!) && isMostlyLost(asTold))) return asTold;
  const declared = declaredIn(body);
  const decoder = declared === undefined ? undefined : openDecoder(declared);
  return decoder ? decoder.decode(body, { stream: isCut }) : guess(body, isCut);
}

/** The charset of a content-type, quoted or not. */
function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(contentType)?.[1];
}

function byteOrderMark(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return "utf-8";
  if (body[0] === 0xff && body[1] === 0xfe) return "utf-16le";
  if (body[0] === 0xfe && body[1] === 0xff) return "utf-16be";
  return undefined;
}

/** What an XML declaration or a page's <meta> says of itself. */
function declaredIn(body: Buffer): string | undefined {
  if (body[0] === 0x3c && body[1] === 0 && body[2] === 0x3f) return "utf-16le";
  if (body[0] === 0 && body[1] === 0x3c && body[2] === 0) return "utf-16be";
  const start = body.subarray(0, 4096).toString("latin1");
  const found =
    /^\s*<\?xml\s[^>]*\bencoding\s*=\s*["']([\w.:-]+)/i.exec(start) ??
    /<meta\s[^>]*\bcharset\s*=\s*["']?\s*([\w.:-]+)/i.exec(start);
  // It could be read byte by byte, so it is no UTF-16.
  return found?.[1]?.replace(/^utf-?16.*$/i, "utf-8");
}

function openDecoder(name: string): { decode(body: Buffer, options: { stream: boolean }): string } | undefined {
  try {
    const decoder = new TextDecoder(name);
    return decoder.encoding === "windows-1252" ? { decode: decode1252 } : decoder;
  } catch {
    return undefined;
  }
}

/** What is mostly no UTF-8 is what browsers take it for. */
function guess(body: Buffer, isCut: boolean): string {
  const text = new TextDecoder().decode(body, { stream: isCut });
  return isMostlyLost(text) ? decode1252(body) : text;
}
