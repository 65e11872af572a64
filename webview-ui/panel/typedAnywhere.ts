import { useEffect } from "preact/hooks";
import { isComposing } from "../parts/composing.ts";

/** What takes letters itself, has something open that they would be typed behind, or asks: an Enter behind them would send them. */
const TAKERS = 'input,select,textarea,[role="menu"],.approval,.question';

/** What is typed where nothing takes it goes into the composer, its first letter too. A blank scrolls there, or presses a button. */
export function useTypedAnywhere(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isTaken = event.defaultPrevented || isComposing(event) || (event.target as Element).closest(TAKERS);
      if (isTaken || !isLetter(event)) return;
      // At once, so that the letter of this key is typed there.
      document.querySelector<HTMLElement>(".composer-box>textarea")?.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

/** Keys with names, as Enter, have more than one character; AltGr, which writes letters, may be told as Ctrl and Alt. */
function isLetter({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
  return !metaKey && ctrlKey === altKey && key !== " " && [...key].length === 1;
}
