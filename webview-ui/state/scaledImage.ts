import type { Attachment } from "../../src/protocol/message.ts";

/** As many bytes as an image may have, so that a message holds one or two of them beside its text. */
const MOST_BYTES = 450_000;
/** Models look at no more of an image's longer side. */
const MOST_PIXELS = 1568;

/** Whether an attachment is an image that a page can draw. */
export function isImage({ mediaType }: Pick<Attachment, "mediaType">): boolean {
  return /^image\/(?:png|jpeg|gif|webp)$/.test(mediaType);
}

/** An image as models take it: as it is, or drawn smaller. Anything else is given back; undefined for what cannot be drawn. */
export async function scaledImage(attachment: Attachment): Promise<Attachment | undefined> {
  if (!isImage(attachment) || attachment.data.length * 0.75 <= MOST_BYTES) return attachment;
  const bytes = Uint8Array.from(atob(attachment.data), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: attachment.mediaType })).catch(() => undefined);
  if (!bitmap) return undefined;
  // A drawing with few colours stays sharp as PNG; a photograph is small only as JPEG.
  for (const [type, side] of attempts(Math.max(bitmap.width, bitmap.height))) {
    const blob = await draw(bitmap, side / Math.max(bitmap.width, bitmap.height), type);
    if (blob.size <= MOST_BYTES) return { ...attachment, mediaType: type, data: await toBase64(blob) };
  }
  return undefined;
}

function attempts(side: number): [string, number][] {
  const most = Math.min(side, MOST_PIXELS);
  return [["image/png", most], ...[1, 0.75, 0.5, 0.25].map((part): [string, number] => ["image/jpeg", most * part])];
}

function draw(bitmap: ImageBitmap, scale: number, type: string): Promise<Blob> {
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = new OffscreenCanvas(width!, height!);
  const pen = canvas.getContext("2d")!;
  if (type === "image/jpeg") {
    // What is transparent would be black.
    pen.fillStyle = "white";
    pen.fillRect(0, 0, width!, height!);
  }
  pen.drawImage(bitmap, 0, 0, width!, height!);
  return canvas.convertToBlob({ type, quality: 0.82 });
}

/** The bytes of a file in base64. */
export async function toBase64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = "";
  // In pieces, because a call takes only so many arguments.
  for (let start = 0; start < bytes.length; start += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(binary);
}
