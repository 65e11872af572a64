import { readBase64 } from "../../base/attachments/readBase64.ts";
import { type Fields, fieldsOf, withoutNulls } from "./answerFields.ts";
import { shownJson } from "./shownJson.ts";

const MOST_BLOCKS = 10_000;

/** What a tool answered, each part that the protocol does not know as a text of what it is: the call was made, and is not made again for it. */
export function mendCallResult(result: Fields): Fields {
  const { content, structuredContent, isError, toolResult, ...rest } = result;
  const given: unknown[] = Array.isArray(content) ? content : content === undefined ? [] : [content];
  const blocks = given.slice(0, MOST_BLOCKS).map(mendBlock);
  if (given.length > MOST_BLOCKS) blocks.push(text(`[${given.length - MOST_BLOCKS} more parts are not shown]`));
  const isRecord = fieldsOf(structuredContent) !== undefined;
  const others = [toolResult, isRecord ? undefined : structuredContent].filter((one) => one !== undefined);
  return {
    ...rest,
    content: [...blocks, ...others.map((one) => text(toText(one)))],
    ...(isRecord ? { structuredContent } : {}),
    ...(isError === undefined || isError === null ? {} : { isError: isError === true || isError === "true" }),
  };
}

/** A part of an answer, as the protocol has it. */
export function mendBlock(given: unknown): Fields {
  const fields = fieldsOf(given);
  if (!fields) return text(typeof given === "string" ? given : "");
  // Whom a part is for, and when it changed, is not read.
  const { annotations: _annotations, _meta, ...block } = withoutNulls(fields);
  const { type, data, uri, name, resource } = block;
  switch (type) {
    case "text":
      return text(toText(block["text"]));
    case "image":
    case "audio": {
      // What it is is seen when it is looked at.
      const mimeType = typeof block["mimeType"] === "string" ? block["mimeType"] : `${type}/unknown`;
      // Some give it as a page would name it.
      const bare = typeof data === "string" ? data.replace(/^data:[^,]{0,200};base64,/, "") : undefined;
      if (bare !== undefined && readBase64(bare)) return { ...block, data: bare, mimeType };
      return text(`[${type}, ${mimeType}: not shown, for it is no base64]`);
    }
    case "resource_link":
      return typeof uri === "string" ? { type, uri, ...words(block, name) } : text("[a link to nowhere]");
    case "resource":
      return fieldsOf(resource) && typeof fieldsOf(resource)!["uri"] === "string"
        ? mendResource(fieldsOf(resource)!)
        : text(toText(resource));
    case "blob": {
      // Of one that is widely used.
      const mimeType = typeof block["mimeType"] === "string" ? block["mimeType"] : "image/unknown";
      const bytes = block["blob"] ?? data;
      if (mimeType.startsWith("image/")) return mendBlock({ type: "image", data: bytes, mimeType });
      return text(`[${mimeType}: not shown]`);
    }
    default:
      return text(`[content of the kind ${String(type).slice(0, 100)}: not shown]`);
  }
}

function mendResource({ uri, mimeType, text: said, blob }: Fields): Fields {
  const kind = typeof mimeType === "string" ? { mimeType } : {};
  if (typeof said === "string") return { type: "resource", resource: { uri, ...kind, text: said } };
  if (typeof blob === "string" && readBase64(blob)) return { type: "resource", resource: { uri, ...kind, blob } };
  return { type: "resource_link", uri, name: String(uri), ...kind };
}

function words(block: Fields, name: unknown): Fields {
  const kept = ["title", "description", "mimeType"].filter((key) => typeof block[key] === "string");
  return { name: typeof name === "string" ? name : "", ...Object.fromEntries(kept.map((key) => [key, block[key]])) };
}

function text(said: string): Fields {
  return { type: "text", text: said };
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : shownJson(value);
}
