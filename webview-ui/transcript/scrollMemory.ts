import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Panel } from "../state/panelContext.ts";
import { END_PIXELS, type RowVirtualizer } from "./virtualRows.ts";

/** Distance from the top at which earlier messages are asked for. */
const OLDER_PIXELS = 600;

export interface ScrollMemory {
  isAtEnd: Signal<boolean>;
  onScroll(): void;
}

/** Brings the transcript back to where it was when the page was thrown away, and remembers where it is. */
export function useScrollMemory(
  { session, memory }: Panel,
  scroller: RefObject<HTMLDivElement | null>,
  virtualizer: RowVirtualizer,
): ScrollMemory {
  const isAtEnd = useSignal(true);
  const isRestoring = useRef(true);

  const restore = async () => {
    const anchor = memory.state.scrollAnchor;
    if (anchor && !session.rows.value.some(({ key }) => key === anchor.key)) await session.loadOlder(1000);
    const index = anchor ? session.rows.value.findIndex(({ key }) => key === anchor.key) : -1;
    if (anchor && index >= 0) {
      virtualizer.scrollToIndex(index, { align: "start" });
      // Rows above are measured as they come into sight, so the rest of the way is known a frame later.
      requestAnimationFrame(() => scroller.current && (scroller.current.scrollTop += anchor.offset));
    } else {
      virtualizer.scrollToEnd();
    }
    requestAnimationFrame(() => (isRestoring.current = false));
  };
  useLayoutEffect(() => void restore(), []);

  const toAnchor = (element: HTMLElement) => {
    const item = virtualizer.getVirtualItemForOffset(element.scrollTop);
    return item && { key: String(item.key), offset: Math.round(element.scrollTop - item.start) };
  };
  const onScroll = () => {
    const element = scroller.current;
    if (!element || isRestoring.current) return;
    isAtEnd.value = element.scrollHeight - element.scrollTop - element.clientHeight <= END_PIXELS;
    memory.update({ scrollAnchor: isAtEnd.value ? undefined : toAnchor(element) });
    if (element.scrollTop < OLDER_PIXELS) void session.loadOlder();
  };
  return { isAtEnd, onScroll };
}
