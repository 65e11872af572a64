import type { Attachment } from "../../src/protocol/message.ts";
import { isImage, toBase64 } from "../state/scaledImage.ts";
import { strings } from "../parts/strings.ts";

/** Of a text, or a PDF: what fits into a message. */
const MAX_BYTES = 700_000;
/** Of an image that is drawn smaller: what a page reads without standing still. */
const MAX_IMAGE_BYTES = 40_000_000;

/** Pasted or dropped files as attachments, images as large as they are, and a sentence for each that cannot be one. */
export async function readGivenFiles(files: File[]): Promise<{ attachments: Attachment[]; refused: string[] }> {
  const read = await Promise.all(files.map(readFile));
  return {
    attachments: read.filter((one) => typeof one !== "string"),
    refused: read.filter((one) => typeof one === "string"),
  };
}

async function readFile(file: File): Promise<Attachment | string> {
  try {
    return await readAs(file, toName(file));
  } catch {
    // A folder, or what is gone since it was given; the browser does not say which.
    return strings.fileUnread(toName(file));
  }
}

async function readAs(file: File, name: string): Promise<Attachment | string> {
  const { type, size } = file;
  const isDrawn = isImage({ mediaType: type });
  if (size > (isDrawn ? MAX_IMAGE_BYTES : MAX_BYTES)) return strings.fileTooLarge(name);
  if (isDrawn) {
    return { name, mediaType: type, data: await toBase64(file) };
  }
  if (type === "application/pdf") return { name, mediaType: type, data: await toBase64(file) };
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = toText(bytes);
  if (bytes.length === 0) return strings.fileEmpty(name);
  if (text === undefined) return strings.neitherTextNorImage(name);
  // Some letters take more room than in the file's own encoding.
  if (new TextEncoder().encode(text).length > MAX_BYTES) return strings.fileTooLarge(name);
  return { name, mediaType: "text/plain", data: text };
}

/** UTF-16 where a byte order mark says so; else UTF-8, also where it mostly is, or Windows-1252 where every byte is a letter of that. */
function toText(bytes: Uint8Array): string | undefined {
  const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
  const utf16 = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : undefined;
  const text = decode(bytes, utf16 ?? "utf-8");
  if (text !== undefined) return text.includes("\0") ? undefined : text;
  if (utf16 || bytes.includes(0)) return undefined;
  const flawed = new TextDecoder().decode(bytes);
  if (!isMostlyLost(flawed)) return flawed;
  const letters = decode(bytes, "windows-1252");
  return letters === undefined || NOT_1252.test(letters) ? undefined : letters;
}

/** Whether less than half of the letters that are no ASCII were letters of UTF-8. */
function isMostlyLost(text: string): boolean {
  const count = (sign: RegExp) => text.length - text.replace(sign, "").length;
  return count(/\ufffd+/g) * 2 > count(/[^\0-\x7f]+/g);
}

/** Controls that no text has, and what stands for the places that the encoding leaves empty. */
const NOT_1252 = /[^\P{Cc}\t\n\f\r\u001b]/u;

function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Browsers call every pasted picture "image.png". */
function toName({ name }: File): string {
  return name === "" || name === "image.png" ? strings.pastedImage : name;
}
