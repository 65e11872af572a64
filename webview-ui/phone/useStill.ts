import { useEffect, useState } from "preact/hooks";

// Longer than a thumb that is on its way takes to arrive.
const STILL_MS = 700;

/** Whether what a screen asks has been the same for a while: what has just slid under a thumb is not what was meant. */
export function useStill(asked: string): boolean {
  const [seen, setSeen] = useState(asked);
  useEffect(() => {
    if (seen === asked) return undefined;
    const timer = setTimeout(() => setSeen(asked), STILL_MS);
    return () => clearTimeout(timer);
  }, [asked, seen]);
  return seen === asked;
}
