/** The one stretch in which two texts differ: `start` to `end` of the first becomes `text`. */
export function changedSpan(before: string, after: string): { start: number; end: number; text: string } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  // Between the two halves of a pair there is no position in a document.
  if (isHighHalf(before, start - 1)) start--;
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  if (isHighHalf(before, before.length - tail - 1) || isBetweenCrLf(before, before.length - tail))
    tail = Math.max(0, tail - 1);
  if (isBetweenCrLf(before, start)) start--;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}

function isHighHalf(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isBetweenCrLf(text: string, index: number): boolean {
  return text[index - 1] === "\r" && text[index] === "\n";
}
