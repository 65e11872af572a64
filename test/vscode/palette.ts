import type { Locator, Page } from "playwright-core";
import { SLOWER } from "./browser.ts";

/** Of the page, where `evaluate` runs its functions. */
declare const document: { querySelector(selector: string): { value: string; checkVisibility(): boolean } | null };

/** The quick input: the palette, lists of files, questions. While it fades away it is still to be seen. */
export const QUICK = ".quick-input-widget:not(.quick-input-widget-closing)";
export const LISTED = `${QUICK} .monaco-list-row`;

export const MOST_TRIES = 5;

/** Types into the palette, which finds commands after a ">" and else files, and acts on it; a window that is still starting may drop keys or the focus, so it tries again. */
export async function searchPalette(
  page: Page,
  words: string,
  act: (palette: Locator) => Promise<void>,
): Promise<void> {
  const palette = page.locator(QUICK);
  for (let tries = MOST_TRIES; ; tries -= 1) {
    try {
      await page.keyboard.press("F1");
      // What is asked by then takes no words of a search.
      await page.waitForFunction(asksForCommand, `${QUICK} input.input`, { timeout: 3_000 * SLOWER });
      await palette.locator("input.input").fill(words, { timeout: 3_000 * SLOWER });
      return await act(palette);
    } catch (error) {
      if (tries === 0) throw error;
      await shut(page);
    }
  }
}

/** One that stays open knows for good only the commands that there were when it was opened. */
async function shut(page: Page): Promise<void> {
  const palette = page.locator(QUICK);
  if (!(await palette.isVisible())) return;
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "hidden" });
}

function asksForCommand(selector: string): boolean {
  const input = document.querySelector(selector);
  return input !== null && input.value.startsWith(">") && input.checkVisibility();
}
