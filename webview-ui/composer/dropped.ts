import type { Panel } from "../state/panelContext.ts";
import { takeAttachments } from "../state/takeAttachments.ts";
import { readGivenFiles } from "./givenFiles.ts";

/** Lists of addresses, as the editor's explorer and tabs and other programs give them; the first that is there is taken. */
const LISTS = ["application/vnd.code.uri-list", "resourceurls", "text/uri-list"];

/** Whether what is dragged could be attached. */
export function isDroppable({ dataTransfer }: DragEvent): boolean {
  return [...(dataTransfer?.types ?? [])].some((type) => type === "Files" || LISTS.includes(type.toLowerCase()));
}

/** Puts what was dropped into the draft: files of the workspace by name, others as they are now. */
export async function takeDropped({ dataTransfer }: DragEvent, panel: Panel): Promise<void> {
  if (!dataTransfer) return;
  const uris = urisOf(dataTransfer);
  const files = [...dataTransfer.files];
  // What comes from the editor may come as a file too, which has no place.
  if (uris.length > 0) {
    await takeAttachments(panel, () => panel.gateway.call("editor.readDropped", { uris }));
  } else if (files.length > 0) {
    await takeAttachments(panel, () => readGivenFiles(files));
  }
  panel.focusRequests.value++;
}

function urisOf(dataTransfer: DataTransfer): string[] {
  const found = LISTS.map((type) => toUris(type, dataTransfer.getData(type))).find((uris) => uris.length > 0) ?? [];
  return [...new Set(found)];
}

function toUris(type: string, data: string): string[] {
  if (data === "") return [];
  const lines = type === "resourceurls" ? (JSON.parse(data) as string[]) : data.split(/\r?\n/);
  // A link of a web page is no file.
  return lines.filter((line) => /^(?!https?:|data:|blob:|#)[a-z][a-z0-9.+-]+:/i.test(line));
}
