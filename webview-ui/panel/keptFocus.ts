import { useEffect } from "preact/hooks";
import { usePanel } from "../state/panelContext.ts";

/** Where a button that was pressed goes away or is disabled by that, the keyboard goes on in the composer. */
export function useKeptFocus(): void {
  const { focusRequests } = usePanel();
  useEffect(() => {
    let pressed: Element | undefined;
    const watch = new MutationObserver(() => {
      if (!pressed || (pressed.isConnected && !pressed.matches(":disabled"))) return;
      const { activeElement } = document;
      // What moves the keyboard itself has done so by now.
      const isLost = activeElement === null || activeElement === document.body || activeElement === pressed;
      forget();
      if (isLost) focusRequests.value++;
    });
    const forget = () => {
      pressed = undefined;
      watch.disconnect();
    };
    const onClick = ({ target }: MouseEvent) => {
      forget();
      const button = (target as Element).closest("button");
      // One that opens and closes something stays, unless it is scrolled out of sight, which is no press.
      if (!button || button !== document.activeElement || button.hasAttribute("aria-expanded")) return;
      pressed = button;
      watch.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });
    };
    const onFocus = ({ target }: FocusEvent) => {
      if (target !== pressed) forget();
    };
    document.addEventListener("click", onClick, true);
    document.addEventListener("focusin", onFocus);
    // Who has gone on in the editor, as to put in what was copied, is not taken from there.
    addEventListener("blur", forget);
    return () => {
      forget();
      document.removeEventListener("click", onClick, true);
      document.removeEventListener("focusin", onFocus);
      removeEventListener("blur", forget);
    };
  }, []);
}
