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
  const name = toName(file);
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
  return text === undefined ? strings.neitherTextNorImage(name) : { name, mediaType: "text/plain", data: text };
}

function toText(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Browsers call every pasted picture "image.png". */
function toName({ name }: File): string {
  return name === "" || name === "image.png" ? strings.pastedImage : name;
}
