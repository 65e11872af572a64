import type { Locator, Page } from "playwright-core";
import { MOST_TRIES } from "./palette.ts";

/** What is seen, or is so, once what was chosen is done. */
export interface Coming {
  waitFor(): Promise<unknown>;
}

/** Of the page, where `evaluate` runs its function. */
interface PageElement {
  querySelector(selector: string): object | null;
}
declare class MutationObserver {
  constructor(listener: () => void);
  observe(element: PageElement, what: object): void;
  disconnect(): void;
}
declare function requestAnimationFrame(then: () => void): void;

/** Frames in which nothing is drawn; the editor's lists draw themselves in the one after what changed them. */
const STILL = 4;

/** Waits until a tree asks its extension for no rows and draws none: what is chosen in it before that has lost its row. */
export async function waitForRest(tree: Locator): Promise<void> {
  await tree.evaluate(
    (element: PageElement, still) =>
      new Promise<void>((resolve) => {
        let frames = 0;
        const observer = new MutationObserver(() => (frames = 0));
        observer.observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
        const look = () => {
          frames = element.querySelector(".monaco-progress-container.active") ? 0 : frames + 1;
          if (frames <= still) return requestAnimationFrame(look);
          observer.disconnect();
          resolve();
        };
        look();
      }),
    STILL,
  );
}

/**
 * Chooses something of a row until what comes of it is there: where the tree was drawn anew at that moment, the editor has lost the row
 * and Pincer says so, as nobody can tell beforehand.
 */
export async function chooseOfRow(page: Page, choose: () => Promise<void>, comes: Coming): Promise<void> {
  const lost = page.locator(".notification-toast", { hasText: "Choose it once more." });
  for (let tries = MOST_TRIES; tries > 0; tries -= 1) {
    await choose();
    const isDone = comes.waitFor().then(() => true);
    const isLost = lost.waitFor().then(() => false);
    // Whichever comes not at all gives up long after.
    for (const one of [isDone, isLost]) one.catch(() => undefined);
    if (await Promise.race([isDone, isLost])) return;
    await lost.hover();
    await lost.locator(".codicon-notifications-clear").click();
    await lost.waitFor({ state: "detached" });
  }
  throw new Error("The tree never kept the row that was chosen");
}
