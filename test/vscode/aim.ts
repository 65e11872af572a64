import type { Page } from "playwright-core";

/** What a click or key is meant for. */
export interface Aim {
  /** What is clicked, or for a key what has to be there while it is pressed: ".monaco-list-row". */
  selector: string;
  /** What it says, or a part of it, in small or large letters. */
  text?: string;
  /** What a screen reader says of it, or says of it first. */
  label?: string;
  /** For a key: what has to have the focus. */
  focusIn?: string;
  /** The event that makes it happen; a click when not given. */
  by?: "click" | "contextmenu" | "keydown";
}

/** Of the page, where `evaluateHandle` runs its function. */
interface PageEvent {
  type: string;
  composedPath(): unknown[];
  preventDefault(): void;
  stopImmediatePropagation(): void;
}
interface PageElement {
  textContent: string | null;
  matches?(selector: string): boolean;
  getAttribute(name: string): string | null;
}
declare const document: { querySelectorAll(selector: string): Iterable<PageElement> };
declare function addEventListener(type: string, listener: (event: PageEvent) => void, isCapture: boolean): void;
declare function removeEventListener(type: string, listener: (event: PageEvent) => void, isCapture: boolean): void;

/**
 * Clicks or presses a key, and resolves with whether that landed where it was meant for. What would land elsewhere is held back:
 * the editor's lists give the element of a row to another row when they are drawn anew, and its menus go when a tree is.
 */
export async function landed(page: Page, aim: Aim, act: () => Promise<void>): Promise<boolean> {
  const guard = await page.evaluateHandle(({ selector, text, label, focusIn, by = "click" }: Aim) => {
    const plain = (words: string) => words.replaceAll(/\s+/g, " ").toLowerCase();
    const isAim = (element: PageElement) => {
      const said = element.getAttribute("aria-label") ?? "";
      if (label !== undefined && said !== label && !said.startsWith(`${label},`)) return false;
      return text === undefined || plain(element.textContent ?? "").includes(plain(text));
    };
    const isMeant = (event: PageEvent) => {
      const path = event.composedPath() as PageElement[];
      const isIn = (wanted: string) => path.filter((element) => element.matches?.(wanted));
      if (focusIn === undefined) return isIn(selector).some(isAim);
      return isIn(focusIn).length > 0 && [...document.querySelectorAll(selector)].some(isAim);
    };
    const state = { hasLanded: false, hasMissed: false };
    const listen = (event: PageEvent) => {
      // What follows, as the button that goes up over the menu it has opened, is nobody's.
      if (state.hasLanded) return;
      if (state.hasMissed || !isMeant(event)) {
        state.hasMissed = true;
        event.preventDefault();
        event.stopImmediatePropagation();
      } else if (event.type === by) state.hasLanded = true;
    };
    const mouse = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "auxclick", "contextmenu"];
    const types = focusIn === undefined ? mouse : ["keydown", "keyup"];
    for (const type of types) addEventListener(type, listen, true);
    return () => {
      for (const type of types) removeEventListener(type, listen, true);
      return state.hasLanded;
    };
  }, aim);
  const failure = await act().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const landedThere = await guard.evaluate((end) => end()).catch(() => false);
  // What has landed is not done a second time, however long the page was at what came of it.
  if (failure && !landedThere) throw failure.error;
  return landedThere;
}
