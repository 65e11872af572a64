import { AppError } from "../../base/appError.ts";
import { imageProblem } from "../../base/attachments/checkAttachment.ts";
import { decodeText, flawedText, readableText } from "../../base/text/textBytes.ts";
import type { Attachment } from "../../protocol/message.ts";
import { partOfLine, MAX_LINES, textPage } from "../text/textPage.ts";
import type { DocumentPart, DocumentRequest } from "./readDocument.ts";
import { notebookText, type NotebookImage } from "./notebookText.ts";

/** In one answer: each costs a model as much as a page of text or two. */
const MAX_IMAGES = 8;

/** A part of a notebook's text, with the images that its cells put out there. */
export async function notebookPart(request: DocumentRequest): Promise<DocumentPart> {
  const { shown, bytes, offset = 1, limit = MAX_LINES, column, once } = request;
  const { text, images } = await notebookText(parse(bytes, shown), shown);
  if (column !== undefined) return { text: partOfLine(text, offset, column) };
  // Who cannot read on gets it whole.
  const page = once ? { text, last: Infinity } : textPage(text, offset, limit);
  const here = images.filter(({ line }) => line >= offset && line <= page.last);
  const problems: string[] = [];
  const good = here.flatMap((image) => {
    const problem = imageProblem(image.data);
    if (problem) problems.push(`[image ${image.number} is not shown: it ${problem}]`);
    return problem ? [] : [image];
  });
  const left = good.slice(MAX_IMAGES);
  if (left.length > 0)
    problems.push(
      `[images from ${left[0]!.number} on are not shown${once ? "" : `; read on with offset ${left[0]!.line}`}]`,
    );
  return {
    text: [page.text, ...problems].join("\n"),
    images: good.slice(0, MAX_IMAGES).map((image) => toAttachment(image)),
  };
}

function toAttachment({ number, mediaType, data }: NotebookImage): Attachment {
  return { name: `image ${number}`, mediaType, data };
}

function parse(bytes: Uint8Array, shown: string): unknown {
  try {
    if (decodeText(bytes) ?? flawedText(bytes)) return JSON.parse(readableText(bytes));
  } catch (error) {
    throw new AppError("bad_request", `${shown} is no notebook: its JSON cannot be read (${(error as Error).message})`);
  }
  throw new AppError("bad_request", `${shown} is no notebook: it is a binary file`);
}
