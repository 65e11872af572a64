import { strings } from "../parts/strings.ts";
import { highlight } from "./highlight.ts";
import { element, iconElement, type Piece, type PieceElement } from "./pieces.ts";

/** Code that grows is laid out anew by so many lines, not from its beginning. */
const SLICE_LINES = 50;

/** A block of code with what can be done with it. `info` is what stands behind its fence; `isOpen`: more of it may come. */
export function codePieces(content: string, info: string, isOpen: boolean): PieceElement {
  const [word = "", path = ""] = info.trim().split(/\s+/);
  const language = word.toLowerCase();
  const code = content.replace(/\n$/, "");
  const label = path || language || strings.plainCode;
  const slices = cutPieces(highlight(code, language, isOpen) ?? [code], { lines: 0 });
  const body = slices.map((slice) => element("span", { class: "code-slice" }, slice));
  const region = { tabindex: "0", role: "region", "aria-label": strings.codeRegion(label) };
  return element("div", { class: "code", "data-language": language, "data-target": /[./]/.test(path) ? path : "" }, [
    element("div", { class: "code-bar" }, [
      element("span", { class: "code-label" }, [label]),
      element("span", { class: "code-actions" }, ACTIONS),
    ]),
    element("pre", region, [element("code", {}, body)]),
  ]);
}

/** Cuts after each so many lines, also within elements, which go on in the next. */
function cutPieces(pieces: readonly Piece[], read: { lines: number }): Piece[][] {
  const slices: Piece[][] = [[]];
  for (const piece of pieces) {
    const parts: Piece[] =
      typeof piece === "string"
        ? cutText(piece, read)
        : cutPieces(piece.children, read).map((children) => element(piece.tag, piece.attributes, children));
    parts.forEach((part, at) => {
      if (at > 0) slices.push([]);
      if (typeof part === "string" ? part !== "" : part.children.length > 0) slices.at(-1)!.push(part);
    });
  }
  return slices;
}

function cutText(text: string, read: { lines: number }): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) {
    read.lines += 1;
    if (read.lines % SLICE_LINES !== 0) continue;
    parts.push(text.slice(from, end + 1));
    from = end + 1;
  }
  return [...parts, text.slice(from)];
}

const ACTIONS = [
  ["copy", "copy", strings.copy] as const,
  ["insert", "insert", strings.insert] as const,
  ["apply", "diff", strings.apply] as const,
].map(([action, icon, label]) =>
  element(
    "button",
    { type: "button", class: "icon-button", "data-action": action, title: label, "aria-label": label },
    [iconElement(icon)],
  ),
);
