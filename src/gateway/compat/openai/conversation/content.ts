import * as z from "zod";
import { readableAttachment } from "../../../../base/attachments/readableAttachment.ts";
import { readBase64 } from "../../../../base/attachments/readBase64.ts";
import type { Attachment } from "../../../../protocol/message.ts";
import { badItem } from "./badItem.ts";

const textPart = z.looseObject({ type: z.enum(["text", "input_text", "output_text"]), text: z.string() });
const refusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const chatImagePart = z.looseObject({ type: z.literal("image_url"), image_url: z.looseObject({ url: z.string() }) });
const imagePart = z.looseObject({
  type: z.literal("input_image"),
  image_url: z.string().nullish(),
  file_id: z.string().nullish(),
});
const fileFields = {
  filename: z.string().nullish(),
  file_data: z.string().nullish(),
  file_id: z.string().nullish(),
  file_url: z.string().nullish(),
};
const chatFilePart = z.looseObject({ type: z.literal("file"), file: z.looseObject(fileFields) });
const filePart = z.looseObject({ type: z.literal("input_file"), ...fileFields });

const partShape = z.discriminatedUnion("type", [
  textPart,
  refusalPart,
  chatImagePart,
  imagePart,
  chatFilePart,
  filePart,
]);

/** Content of a message, of either API: text, or parts. */
export const contentShape = z.union([z.string(), z.array(partShape)]);

export interface Content {
  text: string;
  /** Images and files. */
  attachments: Attachment[];
}

export const NO_CONTENT: Content = { text: "", attachments: [] };

/** Text, images and files of a content; `bad_request` for what would have to be fetched from somewhere else. */
export function readContent(content: z.output<typeof contentShape> | null | undefined, path: string): Content {
  if (content === null || content === undefined) return NO_CONTENT;
  if (typeof content === "string") return { text: content, attachments: [] };
  const texts: string[] = [];
  const attachments: Attachment[] = [];
  for (const [index, part] of content.entries()) {
    const place = `${path}.${index}`;
    if (part.type === "refusal") texts.push(part.refusal);
    else if (part.type === "image_url") attachments.push(toImage(part.image_url.url, attachments.length, place));
    else if (part.type === "input_image") {
      refuseId(part.file_id, `${place}.file_id`);
      attachments.push(toImage(part.image_url ?? "", attachments.length, place));
    } else if (part.type === "file") attachments.push(toFile(part.file, attachments.length, `${place}.file`));
    else if (part.type === "input_file") attachments.push(toFile(part, attachments.length, place));
    else texts.push(part.text);
  }
  return { text: texts.join("\n"), attachments };
}

/** Under the number that it has among all that go along, where it has no name of its own. */
export function numbered(attachment: Attachment, index: number): Attachment {
  return { ...attachment, name: attachment.name.replace(/^(image|file(?=-\d+$))-\d+/, `$1-${index + 1}`) };
}

/** The type and the data of a `data:` URL in base64; undefined for any other text. */
function readDataUrl(url: string): { mediaType: string; data: string } | undefined {
  const [head, mediaType] = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w=.+-]+)*;base64,/.exec(url.slice(0, 500)) ?? [];
  return head && mediaType ? { mediaType, data: url.slice(head.length).replaceAll(/\s/g, "") } : undefined;
}

function toImage(url: string, index: number, path: string): Attachment {
  const given = readDataUrl(url);
  if (!given?.mediaType.startsWith("image/")) throw badItem(path, "Images must be sent as data: URLs in base64");
  return { name: `image-${index + 1}.${given.mediaType.split("/")[1]}`, ...given };
}

interface GivenFile {
  filename?: string | null | undefined;
  file_data?: string | null | undefined;
  file_id?: string | null | undefined;
  file_url?: string | null | undefined;
}

function toFile({ filename, file_data, file_id, file_url }: GivenFile, index: number, path: string): Attachment {
  refuseId(file_id, `${path}.file_id`);
  if (file_url)
    throw badItem(`${path}.file_url`, "A file must be sent with the request, as `file_data`: none is fetched");
  const given = readDataUrl(file_data ?? "");
  const data = given?.data ?? (file_data ?? "").replaceAll(/\s/g, "");
  if (data === "") throw badItem(`${path}.file_data`, "A file needs its `file_data`, in base64 or as a data: URL");
  const name = filename || `file-${index + 1}`;
  const bytes = readBase64(data);
  if (!bytes) throw badItem(`${path}.file_data`, "A file's `file_data` must be base64, or a data: URL in base64");
  return readableAttachment(name, given?.mediaType ?? typeOf(name), bytes);
}

function refuseId(id: string | null | undefined, path: string): void {
  if (id) throw badItem(path, "Files that are kept elsewhere cannot be read: send the file with the request");
}

function typeOf(name: string): string {
  if (/\.pdf$/i.test(name)) return "application/pdf";
  return /\.(?:txt|md|csv|json|ya?ml|xml|html?|log)$/i.test(name) ? "text/plain" : "application/octet-stream";
}
