import { imageFactsOf } from "../../base/attachments/imageFacts.ts";

// What sendPhoto takes; anything else goes as a document, which is shown smaller and is not changed.
const MAX_BYTES = 10_000_000;
const MAX_SIDES = 10_000;
const MAX_RATIO = 20;

/** Whether Telegram shows a file as a picture, by its bytes. */
export function isPhoto(data: Buffer): boolean {
  const facts = data.length <= MAX_BYTES ? imageFactsOf(data) : undefined;
  if (!facts || !["image/png", "image/jpeg"].includes(facts.mediaType)) return false;
  const { width, height } = facts;
  return width + height <= MAX_SIDES && Math.max(width, height) <= MAX_RATIO * Math.min(width, height);
}
