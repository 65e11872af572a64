import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is wrong with what is shown, light and dark: for those who cannot see it, for thumbs, and for its width. */
export async function faults(page: Page): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // The page's own policy lets no such script in; the debugger's does.
    await page.evaluate(axe);
    const { violations } = await page.evaluate<{ violations: { id: string; nodes: { target: string[] }[] }[] }>(
      `axe.run(document, { resultTypes: ["violations"] })`,
    );
    found.push(...violations.map(({ id, nodes }) => [colorScheme, id, ...nodes.flatMap(({ target }) => target)]));
  }
  found.push(
    ...(await page.evaluate<
      string[]
    >(`[...document.querySelectorAll("button, input:not([type=checkbox]), label:has(input), select, textarea")]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
      .map((one) => "small: " + one.textContent)`)),
  );
  const widest = () => page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  if ((await widest()) > 0) found.push(`${await widest()} pixels too wide`);
  return found;
}

/** By how much what is shown is wider than the narrowest phone, with text of twice the size. */
export async function overflowOfLarge(page: Page): Promise<number> {
  const before = page.viewportSize()!;
  await page.setViewportSize({ width: 320, height: 740 });
  const wider = await page.evaluate<number>(`(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("html { font-size: 200% }");
    document.adoptedStyleSheets = [sheet];
    const wider = document.documentElement.scrollWidth - 320;
    document.adoptedStyleSheets = [];
    return wider;
  })()`);
  await page.setViewportSize(before);
  return wider;
}
