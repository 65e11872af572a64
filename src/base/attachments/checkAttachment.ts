import type { Attachment } from "../../protocol/message.ts";
import { AppError } from "../appError.ts";
import { readImageFacts } from "./imageFacts.ts";
import { readBase64 } from "./readBase64.ts";
import { bareMediaType, isTextType } from "./mediaType.ts";

/** What every vendor of images takes: 5 MB as base64, 8,000 pixels a side. */
const MAX_IMAGE_BASE64 = 5 * 1024 * 1024;
const MAX_IMAGE_SIDE = 8000;

/** Throws `bad_request` for an attachment that no model could be shown: it would spoil every later request. */
export function checkAttachment(attachment: Attachment): void {
  const { name, mediaType, data } = attachment;
  const problem = problemWith(bareMediaType(mediaType), data);
  if (problem) throw new AppError("bad_request", `The attachment ${JSON.stringify(name)} (${mediaType}) ${problem}`);
}

/** Why an image cannot be shown to a model, as the end of a sentence; undefined when it can. */
export function imageProblem(data: string): string | undefined {
  if (data.length > MAX_IMAGE_BASE64)
    return `has ${(data.length / 1024 / 1024).toFixed(1)} MB as base64; images may have ${MAX_IMAGE_BASE64 / 1024 / 1024} MB`;
  const facts = readImageFacts(data);
  if (!facts) return "cannot be read as PNG, JPEG, GIF or WebP";
  if (Math.max(facts.width, facts.height) > MAX_IMAGE_SIDE)
    return `measures ${facts.width} x ${facts.height} pixels; images may have ${MAX_IMAGE_SIDE} a side`;
  return undefined;
}

function problemWith(type: string, data: string): string | undefined {
  if (data === "") return "is empty";
  if (isTextType(type)) return undefined;
  const bytes = readBase64(data);
  if (!bytes) return "has data that is not base64";
  if (/^image\/(?:png|jpe?g|gif|webp)$/.test(type)) return imageProblem(data);
  if (type === "application/pdf" && !bytes.subarray(0, 1050).includes("%PDF-")) return "cannot be read as a PDF";
  return undefined;
}
