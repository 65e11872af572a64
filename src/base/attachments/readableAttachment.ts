import type { Attachment } from "../../protocol/message.ts";
import { decodeText, readableText } from "../text/textBytes.ts";
import { isTextType } from "./mediaType.ts";

/** A file as an attachment. What is text by its bytes is, whatever type it is given: that goes by the ending, and takes TypeScript for a film. */
export function readableAttachment(name: string, mediaType: string, bytes: Buffer): Attachment {
  if (isTextType(mediaType)) return { name, mediaType, data: readableText(bytes) };
  const isShown = /^(?:image|audio)\/|\/pdf$/.test(mediaType);
  const read = isShown || bytes.length === 0 ? undefined : decodeText(bytes);
  // In Windows-1252 much is text that is none.
  if (read && read.encoding !== "windows-1252") return { name, mediaType: "text/plain", data: read.text };
  return { name, mediaType, data: bytes.toString("base64") };
}
