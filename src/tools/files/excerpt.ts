import { partOf } from "../../base/cutText.ts";

// Texts up to here are shown whole; of longer ones, what differs and so much around it.
const WHOLE_CHARS = 200_000;
const AROUND_CHARS = 2000;
const STEP = 65_536;

/** Two texts as they are compared by eye: whole, or, when they are very long, from a little before they differ to a little after. */
export function excerpt(before: string, after: string): { before: string; after: string } {
  if (Math.max(before.length, after.length) <= WHOLE_CHARS) return { before, after };
  const shorter = Math.min(before.length, after.length);
  const head = sameLength(shorter, (from, to) => before.slice(from, to) === after.slice(from, to));
  const tail = sameLength(
    shorter - head,
    (from, to) =>
      before.slice(before.length - to, before.length - from) === after.slice(after.length - to, after.length - from),
  );
  const from = Math.max(0, head - AROUND_CHARS);
  const left = Math.max(0, tail - AROUND_CHARS);
  return { before: part(before, from, left), after: part(after, from, left) };
}

function part(text: string, from: number, left: number): string {
  const above = from > 0 ? `[... ${from} characters above stay ...]\n` : "";
  const below = left > 0 ? `\n[... ${left} characters below stay ...]` : "";
  return above + partOf(text, from, text.length - left) + below;
}

/** How far two things are alike, found in halves. */
function sameLength(most: number, isSame: (from: number, to: number) => boolean): number {
  let done = 0;
  for (let step = STEP; step >= 1;) {
    if (done + step <= most && isSame(done, done + step)) done += step;
    else step = step === 1 ? 0 : Math.floor(step / 2);
  }
  return done;
}
