/**
 * The keyboard goes on at the next card of a kind that asks something, or with the composer when there is none. At none of its buttons
 * and fields: what was typed on, or a key that is held, would answer it.
 */
export function focusNextCard(kind: string, answered: HTMLElement | null, focusComposer: () => void): void {
  const next = [...document.querySelectorAll<HTMLElement>(kind)].find((card) => card !== answered);
  if (next) next.focus();
  else focusComposer();
}
