import * as z from "zod";
import { AppError } from "../../../base/appError.ts";
import type { Attachment } from "../../../protocol/message.ts";

const textPart = z.looseObject({ type: z.enum(["text", "input_text", "output_text"]), text: z.string() });
const refusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const chatImagePart = z.looseObject({ type: z.literal("image_url"), image_url: z.looseObject({ url: z.string() }) });
const imagePart = z.looseObject({ type: z.literal("input_image"), image_url: z.string() });

/** Content of a message, of either API: text, or parts. */
export const contentShape = z.union([
  z.string(),
  z.array(z.discriminatedUnion("type", [textPart, refusalPart, chatImagePart, imagePart])),
]);

export interface Content {
  text: string;
  images: Attachment[];
}

/** Text and images of a content; `bad_request` for images that would have to be fetched. */
export function readContent(content: z.output<typeof contentShape> | null | undefined): Content {
  if (content === null || content === undefined) return { text: "", images: [] };
  if (typeof content === "string") return { text: content, images: [] };
  const texts: string[] = [];
  const images: Attachment[] = [];
  for (const part of content) {
    if (part.type === "refusal") texts.push(part.refusal);
    else if (part.type === "image_url") images.push(toImage(part.image_url.url, images.length));
    else if (part.type === "input_image") images.push(toImage(part.image_url, images.length));
    else texts.push(part.text);
  }
  return { text: texts.join("\n"), images };
}

function toImage(url: string, index: number): Attachment {
  const parts = /^data:(image\/[\w.+-]+);base64,([A-Za-z0-9+/=]+)$/.exec(url);
  if (!parts) throw new AppError("bad_request", "Images must be sent as data: URLs in base64");
  const [, mediaType, data] = parts as unknown as [string, string, string];
  return { name: `image-${index + 1}.${mediaType.split("/")[1]}`, mediaType, data };
}
