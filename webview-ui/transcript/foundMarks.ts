import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer } from "preact/hooks";
import { onDrawn } from "../markdown/slices.ts";
import { usePanel } from "../state/panelContext.ts";
import { fold, placesOf } from "../state/find.ts";
import type { RowVirtualizer } from "./virtualRows.ts";

/** Marks what is found in the rows that are drawn, and brings the one that is shown into sight. */
export function useFoundMarks(scroller: RefObject<HTMLDivElement | null>, virtualizer: RowVirtualizer): void {
  const { find, session } = usePanel();
  const current = find.current.value;
  const words = find.isOpen.value ? fold(find.words.value) : "";
  const [, markAgain] = useReducer((count: number) => count + 1, 0);
  useEffect(() => (words === "" ? undefined : onDrawn(() => markAgain(undefined))), [words === ""]);

  useEffect(() => {
    const index = current ? session.rows.peek().findIndex(({ key }) => key === current.key) : -1;
    if (index >= 0) virtualizer.scrollToIndex(index, { align: "center" });
  }, [current?.key, current?.nth, words]);

  // Rows come and go as one scrolls: after each drawing.
  useLayoutEffect(() => {
    const all: Range[] = [];
    const shown: Range[] = [];
    if (words !== "") {
      for (const row of scroller.current?.querySelectorAll<HTMLElement>("[data-index]") ?? []) {
        const ranges = rangesIn(row, words);
        const isCurrent = session.rows.peek()[Number(row.dataset["index"])]?.key === current?.key;
        const one = isCurrent ? ranges[Math.min(current?.nth ?? 0, ranges.length - 1)] : undefined;
        all.push(...ranges.filter((range) => range !== one));
        if (one) shown.push(one);
      }
    }
    CSS.highlights.set("found", new Highlight(...all));
    CSS.highlights.set("found-current", new Highlight(...shown));
  });
  useEffect(
    () => () => {
      CSS.highlights.delete("found");
      CSS.highlights.delete("found-current");
    },
    [],
  );
}

/** Where words stand in what a row shows, also across its letters in bold and its links. */
function rangesIn(row: HTMLElement, words: string): Range[] {
  const nodes: { node: Text; from: number }[] = [];
  let text = "";
  for (const part of row.querySelectorAll(".user-text, .assistant > .markdown, .system, .notice")) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      nodes.push({ node: node as Text, from: text.length });
      text += (node as Text).data;
    }
    // Nothing stands in two parts.
    text += "\n";
  }
  const place = (at: number): [Text, number] => {
    const found = nodes.findLast(({ from }) => from <= at)!;
    return [found.node, Math.min(at - found.from, found.node.length)];
  };
  return placesOf(fold(text), words).map((at) => {
    const range = document.createRange();
    range.setStart(...place(at));
    const [node, offset] = place(at + words.length - 1);
    range.setEnd(node, Math.min(offset + 1, node.length));
    return range;
  });
}
