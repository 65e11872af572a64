import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Panel } from "../state/panelContext.ts";
import { END_PIXELS, type RowVirtualizer } from "./virtualRows.ts";

/** Distance from the top at which earlier messages are asked for. */
const OLDER_PIXELS = 600;

export interface ScrollMemory {
  isAtEnd: Signal<boolean>;
  goToEnd(): void;
  onScroll(): void;
}

/**
 * Brings the transcript back to where it was when the page was thrown away, and remembers where it is. Whoever is at the end
 * stays there, if it `follows`, until they scroll up.
 */
export function useScrollMemory(
  { session, memory }: Panel,
  scroller: RefObject<HTMLDivElement | null>,
  virtualizer: RowVirtualizer,
  follows: boolean,
): ScrollMemory {
  const isAtEnd = useSignal(memory.state.scrollAnchor === undefined);
  const isRestoring = useRef(true);
  const last = useRef({ top: 0, height: 0, gap: 0 });

  const goToEnd = () => {
    isAtEnd.value = true;
    virtualizer.scrollToEnd();
  };
  const restore = async () => {
    // What was found is gone to as soon as it is there.
    const anchor = session.found.value ? undefined : memory.state.scrollAnchor;
    if (anchor && !session.rows.value.some(({ key }) => key === anchor.key)) await session.loadOlder(1000);
    const index = anchor ? session.rows.value.findIndex(({ key }) => key === anchor.key) : -1;
    if (anchor && index >= 0) {
      virtualizer.scrollToIndex(index, { align: "start" });
      // Rows above are measured as they come into sight, so the rest of the way is known a frame later.
      requestAnimationFrame(() => scroller.current && (scroller.current.scrollTop += anchor.offset));
    } else {
      goToEnd();
    }
    requestAnimationFrame(() => {
      isRestoring.current = false;
      if (scroller.current && !isAtEnd.peek()) isAtEnd.value = toEnd(scroller.current) <= END_PIXELS;
    });
  };
  useLayoutEffect(() => void restore(), []);

  const toAnchor = (element: HTMLElement) => {
    const item = virtualizer.getVirtualItemForOffset(element.scrollTop);
    return item && { key: String(item.key), offset: Math.round(element.scrollTop - item.start) };
  };
  const stayAtEnd = () => {
    const element = scroller.current;
    const isAway = element !== null && toEnd(element) > last.current.gap + 1;
    if (isAway && follows && isAtEnd.peek()) element.scrollTop = element.scrollHeight;
  };
  const current = useRef(stayAtEnd);
  current.current = stayAtEnd;
  // The virtualizer loses the end where a row grows between a scroll of its own and the event that tells of it.
  useLayoutEffect(stayAtEnd);
  // The composer below grows by a line and shrinks again, and the transcript with it.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => current.current());
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  const onScroll = () => {
    const element = scroller.current;
    // One that is hidden has no place.
    if (!element || element.clientHeight === 0) return;
    const { scrollTop: top, scrollHeight: height } = element;
    // A row that grows takes the end further away without anybody having scrolled; only a smaller scrollTop is a user going up.
    const wentUp = top < last.current.top - Math.max(0, last.current.height - height);
    const gap = toEnd(element);
    last.current = { top, height, gap: wentUp ? gap : Math.min(gap, last.current.gap) };
    if (isRestoring.current) return;
    isAtEnd.value = gap <= END_PIXELS || (isAtEnd.peek() && follows && !wentUp);
    memory.update({ scrollAnchor: isAtEnd.value ? undefined : toAnchor(element) }, true);
    if (element.scrollTop < OLDER_PIXELS) void session.loadOlder();
  };
  return { isAtEnd, goToEnd, onScroll };
}

/** Pixels from what is in sight to the end. */
function toEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number {
  return scrollHeight - scrollTop - clientHeight;
}
