const BOM = "\uFEFF";

/** How a text file's bytes are to be read, and what is put in front of them when they are written. */
export interface TextForm {
  encoding: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";
  hasBom: boolean;
}

/**
 * The text in some bytes: UTF-8; UTF-16 where a byte order mark says so; else, where every byte is a letter of it,
 * Windows-1252, unless it is mostly UTF-8. Undefined when none of them explains every byte: written back, the others would be lost.
 */
export function decodeText(bytes: Uint8Array): ({ text: string } & TextForm) | undefined {
  const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
  if (bytes.length >= 2 && (mark === 0xfffe || mark === 0xfeff)) {
    const encoding = mark === 0xfffe ? "utf-16le" : "utf-16be";
    const text = bytes.length % 2 === 0 ? decodeUtf16(bytes.subarray(2), encoding) : undefined;
    return text === undefined || text.includes("\0") ? undefined : { text, encoding, hasBom: true };
  }
  if (bytes.includes(0)) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const hasBom = text.startsWith(BOM);
    return { text: hasBom ? text.slice(1) : text, encoding: "utf-8", hasBom };
  } catch {
    if (flawedText(bytes) || !is1252(bytes)) return undefined;
    return { text: decode1252(bytes), encoding: "windows-1252", hasBom: false };
  }
}

/** What is mostly UTF-8 and not all of it, and the line of the first byte that is none, from 1; undefined for anything else. */
export function flawedText(bytes: Uint8Array): { text: string; line: number } | undefined {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (!text.includes(LOST) || isMostlyLost(text)) return undefined;
  const again = Buffer.from(text);
  const flaw = again.findIndex((byte, at) => byte !== bytes[at]);
  if (flaw < 0) return undefined;
  let line = 1;
  for (let at = bytes.indexOf(10); at >= 0 && at < flaw; at = bytes.indexOf(10, at + 1)) line += 1;
  return { text: text.startsWith(BOM) ? text.slice(1) : text, line };
}

/** The text in bytes that are only read, whatever they are: UTF-8 of which less than half is bad is still that. */
export function readableText(bytes: Uint8Array): string {
  return decodeText(bytes)?.text ?? new TextDecoder().decode(bytes);
}

/** Whether less than half of the letters that are no ASCII were letters of the alphabet it was read in. */
export function isMostlyLost(text: string): boolean {
  let letters = 0;
  let lost = 0;
  // One by one: a list of them takes a hundred times the room of a text.
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80 || (code & 0xfc00) === 0xdc00) continue;
    letters += 1;
    if (code === 0xfffd) lost += 1;
  }
  return lost * 2 > letters;
}

/** The bytes of a text, or the first letter of it that the encoding does not have: no encoding has half of one. */
export function encodeText(text: string, { encoding, hasBom }: TextForm): Buffer | { missing: string } {
  const half = text.isWellFormed() ? undefined : HALF.exec(text)?.[0];
  if (half !== undefined) return { missing: half };
  // Whoever writes the whole file may have written the mark too.
  const whole = hasBom && !text.startsWith(BOM) ? BOM + text : text;
  if (encoding === "utf-8") return Buffer.from(whole, "utf8");
  if (encoding === "windows-1252") return encode1252(text);
  const bytes = Buffer.from(whole, "utf16le");
  return encoding === "utf-16le" ? bytes : bytes.swap16();
}

const LOST = "\ufffd";

const HALF = /\p{Surrogate}/u;

// Controls that no text has, and the five places that the encoding leaves empty.
export const NOT_1252 = [
  ...Array.from({ length: 32 }, (_, byte) => byte).filter((byte) => ![9, 10, 12, 13, 27].includes(byte)),
  ...[0x7f, 0x81, 0x8d, 0x8f, 0x90, 0x9d],
];

const is1252 = (bytes: Uint8Array): boolean => !NOT_1252.some((byte) => bytes.includes(byte));

function decodeUtf16(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be"): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

let codes: Map<string, number> | undefined;

function encode1252(text: string): Buffer | { missing: string } {
  codes ??= new Map(Array.from({ length: 256 }, (_, byte) => [decode1252(Uint8Array.of(byte)), byte]));
  const bytes = Buffer.alloc(text.length);
  let at = 0;
  for (const letter of text) {
    const byte = codes.get(letter);
    if (byte === undefined) return { missing: letter };
    bytes[at++] = byte;
  }
  return bytes.subarray(0, at);
}

/**
 * What the bytes 80 to 9F stand for in Windows-1252, in order; all others are as in Latin-1. Written out because many releases
 * of Node.js, those in editors among them, decode these as control characters.
 */
export const HIGH_1252 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

/** The text in some bytes, each of which is a letter. */
export function decode1252(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return text.replaceAll(/[\u0080-\u009f]+/g, (run) =>
    Array.from(run, (letter) => HIGH_1252[letter.charCodeAt(0) - 0x80]!).join(""),
  );
}
