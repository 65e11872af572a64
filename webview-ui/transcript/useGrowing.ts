import { useEffect, useState } from "preact/hooks";

/** What the browser draws in one go without being missed. */
const SLICE_LINES = 400;

/**
 * How many of a list are to be drawn by now: the first at once, and one more whenever the page has painted. A list to which more
 * comes is drawn on; it begins anew when `isWhole` changes.
 */
export function useGrowing({ length }: unknown[], isWhole: boolean): number {
  const [grown, setGrown] = useState({ isWhole, count: 1 });
  const count = grown.isWhole === isWhole ? grown.count : 1;
  useEffect(() => {
    if (grown.isWhole !== isWhole) return setGrown({ isWhole, count });
    if (count >= length) return;
    const frame = requestAnimationFrame(() => setGrown({ isWhole, count: count + 1 }));
    return () => cancelAnimationFrame(frame);
  }, [grown, isWhole, length]);
  return count;
}

export function toSlices<Line>(lines: Line[]): Line[][] {
  const count = Math.ceil(lines.length / SLICE_LINES);
  return Array.from({ length: count }, (_, at) => lines.slice(at * SLICE_LINES, (at + 1) * SLICE_LINES));
}
