import type { Attachment } from "../../src/protocol/message.ts";
import { strings } from "../parts/strings.ts";

/** As many as fit into a message with base64, which makes a third more of them. */
const MAX_BYTES = 700_000;

/** The images among pasted files as attachments, and the names of those that are too large. */
export async function readPastedImages(files: File[]): Promise<{ images: Attachment[]; tooLarge: string[] }> {
  const candidates = files.filter(({ type }) => /^image\/(?:png|jpeg|gif|webp)$/.test(type));
  const fitting = candidates.filter(({ size }) => size <= MAX_BYTES);
  return {
    images: await Promise.all(fitting.map(toAttachment)),
    tooLarge: candidates.filter(({ size }) => size > MAX_BYTES).map(toName),
  };
}

async function toAttachment(file: File): Promise<Attachment> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  // In pieces, because a call takes only so many arguments.
  for (let start = 0; start < bytes.length; start += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return { name: toName(file), mediaType: file.type, data: btoa(binary) };
}

/** Browsers call every pasted picture "image.png". */
function toName({ name }: File): string {
  return name === "" || name === "image.png" ? strings.pastedImage : name;
}
