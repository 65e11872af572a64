import { useEffect, useState } from "preact/hooks";

/** What the browser draws in one go without being missed. */
const SLICE_LINES = 400;

/** How many of a list are to be drawn by now: the first at once, and one more whenever the page has painted. */
export function useGrowing(list: unknown[]): number {
  const [grown, setGrown] = useState({ list, count: 1 });
  const count = grown.list === list ? grown.count : 1;
  useEffect(() => {
    if (count >= list.length) return;
    const frame = requestAnimationFrame(() => setGrown({ list, count: count + 1 }));
    return () => cancelAnimationFrame(frame);
  }, [list, count]);
  return count;
}

export function toSlices<Line>(lines: Line[]): Line[][] {
  const count = Math.ceil(lines.length / SLICE_LINES);
  return Array.from({ length: count }, (_, at) => lines.slice(at * SLICE_LINES, (at + 1) * SLICE_LINES));
}
