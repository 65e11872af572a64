const REASONS: [RegExp, (line: string) => string][] = [
  [/element is not enabled/, () => "the element is disabled"],
  [/element is not visible/, () => "the element is not visible"],
  [/element is not editable/, () => "the element is read-only"],
  [/element is not stable/, () => "the element keeps moving"],
  [/element is outside of the viewport/, () => "the element is outside of the viewport and cannot be scrolled into it"],
  [/did not find some options/, () => "the list has no such option"],
  [/intercepts pointer events/, (line) => `${coverOf(line)} lies over the element and takes its clicks`],
];

/** An element that the driver has not seen: it was not there, or the page was too slow to be looked at. */
export const UNSEEN = "no such element is on the page";

/** What the driver waited for in vain, as the end of a sentence; undefined when its log does not tell. */
export function waitedFor(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // oxlint-disable-next-line no-control-regex
  const log = error.message.replace(/\u001b\[[0-9;]*m/g, "").split("\n");
  // The newest line that gives a reason: what was in the way at first may have gone.
  for (const line of log.toReversed()) {
    const found = REASONS.find(([pattern]) => pattern.test(line));
    if (found) return found[1](line);
  }
  const isMissing = log.some((line) => /- waiting for (?:getBy|locator)/.test(line)) && !/resolved to/.test(log.join());
  return isMissing ? UNSEEN : undefined;
}

function coverOf(line: string): string {
  return /<.*>/.exec(line)?.[0].slice(0, 200) ?? "another element";
}
