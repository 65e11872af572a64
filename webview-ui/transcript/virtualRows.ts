import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Range,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";
import type { RefObject } from "preact";
import type { Row } from "../state/rows.ts";

export type RowVirtualizer = Virtualizer<HTMLDivElement, HTMLDivElement>;

/** How near to the end still counts as reading the newest, in pixels. */
export const END_PIXELS = 24;

/**
 * Draws only the rows in sight, whatever their heights. While the end is in sight it stays in sight; otherwise what is read
 * stays where it is, also when earlier rows are put before it.
 */
export function useVirtualRows(
  rows: Row[],
  scroller: RefObject<HTMLDivElement | null>,
  follows: boolean,
): RowVirtualizer {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const options: VirtualizerOptions<HTMLDivElement, HTMLDivElement> = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => rows[index]?.key ?? index,
    estimateSize: (index) => ESTIMATES[rows[index]?.type ?? "assistant"],
    rangeExtractor: (range) => withFocused(range, scroller.current),
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => redraw(undefined),
    overscan: 6,
    paddingStart: 8,
    paddingEnd: 12,
    anchorTo: follows ? "end" : "start",
    followOnAppend: follows,
    scrollEndThreshold: END_PIXELS,
    initialRect: { width: 300, height: 600 },
  };
  const [virtualizer] = useState(() => new Virtualizer(options));
  virtualizer.setOptions(options);
  // What every adapter of the library calls: its underscores say that only adapters may.
  /* oxlint-disable no-underscore-dangle */
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  /* oxlint-enable no-underscore-dangle */
  return virtualizer;
}

const ESTIMATES: Record<Row["type"], number> = {
  user: 64,
  assistant: 140,
  reply: 60,
  tool: 28,
  system: 32,
  notice: 28,
  outcome: 44,
  pending: 64,
  working: 32,
};

/** The row with the focus stays, or the keyboard would lose its place. */
function withFocused(range: Range, scroller: HTMLElement | null): number[] {
  const indexes = defaultRangeExtractor(range);
  const focused = scroller?.contains(document.activeElement)
    ? document.activeElement?.closest<HTMLElement>("[data-index]")
    : undefined;
  const index = Number(focused?.dataset["index"] ?? Number.NaN);
  if (!(index >= 0 && index < range.count) || indexes.includes(index)) return indexes;
  return [...indexes, index].sort((a, b) => a - b);
}
