import { chromium, type Browser } from "playwright-core";
import { findChromium } from "../steps/chromium.mjs";

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
