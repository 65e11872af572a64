import { isDeepStrictEqual } from "node:util";
import { cutText } from "../../base/cutText.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { Attachment } from "../../protocol/message.ts";
import { shownJson } from "../wire/shownJson.ts";

/** What a server answers a call with, as far as we look at it. */
export interface ServerResult {
  content?: unknown;
  structuredContent?: unknown;
  isError?: boolean | undefined;
}

const MOST_IMAGES = 10;

/** All of a result that is text, and its images. What cannot be shown is named. */
export function toResultText({ content, structuredContent }: ServerResult): { text: string; images: Attachment[] } {
  const blocks = (Array.isArray(content) ? content : []) as Block[];
  const images: Attachment[] = [];
  const texts = blocks.map((block) => blockText(block, images));
  const said = blocks.flatMap(({ type, text }) => (type === "text" && typeof text === "string" && text ? [text] : []));
  if (structuredContent !== undefined && !isSaid(structuredContent, said)) texts.push(shownJson(structuredContent));
  return { text: texts.filter((text) => text !== "").join("\n"), images };
}

/** Whether a structure stands in the texts beside it, too, as servers should have it: all of it, or what alone is its member. */
function isSaid(structure: unknown, texts: string[]): boolean {
  if (texts.length === 0) return false;
  const members = Object.values(structure ?? {}) as unknown[];
  const wanted = members.length === 1 ? [structure, members[0]] : [structure];
  const read = texts.map(readJson);
  return [...texts, ...read, texts, read].some((said) => wanted.some((one) => isSame(said, one)));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What is nested too deep to be compared is the same as nothing. */
function isSame(one: unknown, other: unknown): boolean {
  try {
    return isDeepStrictEqual(one, other);
  } catch {
    return false;
  }
}

interface Block {
  type?: unknown;
  text?: unknown;
  data?: unknown;
  mimeType?: unknown;
  uri?: unknown;
  name?: unknown;
  description?: unknown;
  resource?: { uri?: unknown; text?: unknown; blob?: unknown; mimeType?: unknown };
}

function blockText(block: Block, images: Attachment[]): string {
  const { type, data, resource } = block;
  const mediaType = line(block.mimeType ?? resource?.mimeType, "application/octet-stream");
  if (type === "text") return typeof block.text === "string" ? block.text : "";
  if (type === "image" && typeof data === "string") {
    if (images.length >= MOST_IMAGES) return "[one image more is not shown]";
    images.push({ name: `image-${images.length + 1}.${mediaType.split("/")[1] ?? "png"}`, mediaType, data });
    return "";
  }
  if (type === "audio" && typeof data === "string") return `[audio, ${mediaType}, ${sizeOf(data)}: not shown]`;
  if (type === "resource_link") {
    const about = typeof block.description === "string" ? `: ${line(block.description, "")}` : "";
    return `[resource ${line(block.name, "")} at ${line(block.uri, "")}${about}]`;
  }
  if (type === "resource" && typeof resource?.text === "string")
    return `[resource ${line(resource.uri, "")}]\n${resource.text}`;
  if (type === "resource" && typeof resource?.blob === "string")
    return `[resource ${line(resource.uri, "")}, ${mediaType}, ${sizeOf(resource.blob)}: not shown]`;
  return `[content of the kind ${line(type, "unknown")}: not shown]`;
}

function line(value: unknown, otherwise: string): string {
  return typeof value === "string" && value !== "" ? cutText(visibleLine(value, 300), 300) : otherwise;
}

function sizeOf(base64: string): string {
  return `${Math.ceil((base64.length * 3) / 4 / 1024)} KB`;
}
