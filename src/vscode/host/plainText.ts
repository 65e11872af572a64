import { visibleData } from "../../base/text/visible.ts";

/** Text for a notification, where `[x](command:y)` would be a link to press. */
export function withoutLinks(text: string): string {
  return text.replaceAll("](", "] (");
}

/** Text for a pick list, where `$(x)` would be an icon. */
export function withoutIcons(text: string): string {
  return text.replaceAll("$(", "\\$(");
}

/** A name that others gave, on one line: what would hide or reorder words in it is shown. */
export function shownName(name: string): string {
  return visibleData(name.replaceAll(/\s+/g, " "));
}

const LINE = 200;

/** As much of a text as a notification shows well. */
export function firstLine(text: string): string {
  const [line = ""] = text.trim().split("\n", 1);
  return line.length > LINE ? `${line.slice(0, LINE - 1)}…` : line;
}
