import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import type { FoundAt } from "../../src/protocol/panel/foundAt.ts";
import { onDrawn } from "../markdown/slices.ts";
import { usePanel } from "../state/panelContext.ts";
import { fold, placesOf } from "../state/find.ts";
import type { RowVirtualizer } from "./virtualRows.ts";

/**
 * Marks what is found in the rows that are drawn, and brings the one that is shown into sight. A message that the search of sessions
 * found takes the keyboard, and stays marked until the next key or click; its row's key is the result.
 */
export function useFoundMarks(scroller: RefObject<HTMLDivElement | null>, virtualizer: RowVirtualizer) {
  const { find, session } = usePanel();
  const found = session.found.value;
  const foundKey = found && session.rows.value.find((row) => "message" in row && row.message.seq === found.seq)?.key;
  const current = foundKey ? { key: foundKey, nth: 0 } : find.current.value;
  const words = (found?.words ?? (find.isOpen.value ? [find.words.value] : [])).filter((word) => word !== "").map(fold);
  const [, markAgain] = useReducer((count: number) => count + 1, 0);
  useEffect(() => (words.length === 0 ? undefined : onDrawn(() => markAgain(undefined))), [words.length === 0]);
  /** It is brought into sight however much is drawn and measured, until the user scrolls or does something else. */
  const isWanted = useRef(false);
  const shownRange = useRef<Range | undefined>(undefined);
  useUserActs(isWanted, foundKey);

  useEffect(() => {
    const index = current ? session.rows.peek().findIndex(({ key }) => key === current.key) : -1;
    if (index < 0) return;
    isWanted.current = true;
    // Of another session, what was looked for is over.
    if (foundKey) find.close();
    if (shownRange.current) bringIntoSight(shownRange.current, scroller.current, virtualizer);
    else virtualizer.scrollToIndex(index, { align: "center" });
  }, [current?.key, current?.nth, words.join("\n"), found]);

  // Rows come and go as one scrolls: after each drawing.
  const focused = useRef<FoundAt | undefined>(undefined);
  useLayoutEffect(() => {
    const all: Range[] = [];
    shownRange.current = undefined;
    for (const row of scroller.current?.querySelectorAll<HTMLElement>("[data-index]") ?? []) {
      const isCurrent = session.rows.peek()[Number(row.dataset["index"])]?.key === current?.key;
      if (words.length === 0 || (found && !isCurrent)) continue;
      const ranges = rangesIn(row, words);
      if (isCurrent) [shownRange.current] = ranges.splice(Math.min(current?.nth ?? 0, ranges.length - 1), 1);
      all.push(...ranges);
      if (found && focused.current !== found) {
        focused.current = found;
        if (!found.leavesKeyboard) takeKeyboard(row, () => session.found.peek() === found);
      }
    }
    const { current: range } = shownRange;
    CSS.highlights.set("found", new Highlight(...all));
    CSS.highlights.set("found-current", new Highlight(...(range ? [range] : [])));
    if (range && isWanted.current) bringIntoSight(range, scroller.current, virtualizer);
  });
  useEffect(
    () => () => {
      CSS.highlights.delete("found");
      CSS.highlights.delete("found-current");
    },
    [],
  );
  return foundKey;
}

/** Who scrolls is not brought back, and a key or a click ends the mark of what the search of sessions found. */
function useUserActs(isWanted: RefObject<boolean>, foundKey: string | undefined): void {
  const { session } = usePanel();
  useEffect(() => {
    const acts = (event: Event) => {
      isWanted.current = false;
      if (foundKey && event.type !== "wheel" && !(event as KeyboardEvent).repeat) session.found.value = undefined;
    };
    const kinds = ["wheel", "pointerdown", "keydown"];
    for (const kind of kinds) document.addEventListener(kind, acts, { capture: true, passive: true });
    return () => {
      for (const kind of kinds) document.removeEventListener(kind, acts, { capture: true });
    };
  }, [foundKey]);
}

/** Puts the keyboard on a row's message, from which a screen reader reads on; in a page that is not given it yet, as soon as it is. */
function takeKeyboard(row: HTMLElement, isStillWanted: () => boolean): void {
  const focus = () => {
    const message = row.querySelector("article");
    if (!message || !isStillWanted()) return;
    message.tabIndex = -1;
    message.focus({ preventScroll: true });
  };
  if (document.hasFocus()) focus();
  else window.addEventListener("focus", focus, { once: true });
}

/** Long messages are taller than what is in sight. */
function bringIntoSight(range: Range, scroller: HTMLElement | null, virtualizer: RowVirtualizer): void {
  const { top, bottom, height } = range.getBoundingClientRect();
  const sight = scroller?.getBoundingClientRect();
  // What is closed stands nowhere.
  if (!scroller || !sight || height === 0 || (top >= sight.top && bottom <= sight.bottom)) return;
  virtualizer.scrollToOffset(scroller.scrollTop + (top + bottom - sight.top - sight.bottom) / 2);
}

/** Where words stand in what a row shows, also across its letters in bold and its links. */
function rangesIn(row: HTMLElement, words: string[]): Range[] {
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
  const folded = fold(text);
  const places = words.flatMap((word) => placesOf(folded, word).map((at) => ({ at, end: at + word.length })));
  return places
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, end }) => {
      const range = document.createRange();
      range.setStart(...place(at));
      const [node, offset] = place(end - 1);
      range.setEnd(node, Math.min(offset + 1, node.length));
      return range;
    });
}
