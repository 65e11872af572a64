import { bareMediaType } from "../../base/attachments/mediaType.ts";
import { readImageFacts } from "../../base/attachments/imageFacts.ts";
import type { Attachment, Message } from "../../protocol/message.ts";

export interface ImageLimits {
  /** Longest data, counted as base64. */
  base64Bytes: number;
  /** Longest side, in pixels. */
  side: number;
  /** Most images in one request; the newest are shown. */
  count: number;
  /** Longest side where a request holds more images than `manyAbove`. */
  many?: { above: number; side: number };
}

const MB = 1024 * 1024;

/** What each API takes. Chat servers are of many makers, so theirs is what most of them take. */
export const IMAGE_LIMITS = {
  // https://platform.claude.com/docs/en/build-with-claude/vision
  anthropic: { base64Bytes: 5 * MB, side: 8000, count: 100, many: { above: 20, side: 2000 } },
  openai: { base64Bytes: 20 * MB, side: Infinity, count: 500 },
  google: { base64Bytes: 18 * MB, side: Infinity, count: 3000 },
  chat: { base64Bytes: 20 * MB, side: 8000, count: 50 },
  vscode: { base64Bytes: 5 * MB, side: 8000, count: 20 },
} as const satisfies Record<string, ImageLimits>;

/** The image with the type that its bytes have, or why it cannot be shown, for the model to read. */
export function fitImage(image: Attachment, limits: ImageLimits, shown: number): Attachment | string {
  const say = (why: string) => `[The image ${image.name} is not shown: ${why}]`;
  const { length } = image.data;
  if (length > limits.base64Bytes)
    return say(`it has ${(length / MB).toFixed(1)} MB as base64, and ${limits.base64Bytes / MB} MB is the limit`);
  const facts = readImageFacts(image.data);
  if (!facts) return say("its data cannot be read as PNG, JPEG, GIF or WebP");
  const side = limits.many && shown > limits.many.above ? limits.many.side : limits.side;
  if (Math.max(facts.width, facts.height) > side)
    return say(`it measures ${facts.width} x ${facts.height} pixels, and ${side} a side is the limit`);
  return facts.mediaType === image.mediaType ? image : { ...image, mediaType: facts.mediaType };
}

/** What a message shows that counts as an image. */
export function imagesOf(message: Message): Attachment[] {
  const all = message.role === "user" ? message.attachments : message.role === "tool" ? message.images : undefined;
  return (all ?? []).filter(isImage);
}

export function isImage(attachment: Attachment): boolean {
  return /^image\/(png|jpe?g|gif|webp)$/.test(bareMediaType(attachment.mediaType));
}
