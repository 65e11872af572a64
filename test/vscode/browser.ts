import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium } from "../steps/chromium.mjs";

/** How many times slower the editor's pages are to be than they are: what a test hurries past becomes visible. */
export const SLOWER = Number(process.env["PINCER_SLOW_BROWSER"] ?? 1);

/** The machine's Chromium, without a display and without calling anyone. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      ...["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
      ...["--disable-component-update", "--no-first-run"],
    ],
  });
}

/** A page for a window of the editor. */
export async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1400, height: 1000 });
  if (SLOWER > 1) await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  return page;
}
