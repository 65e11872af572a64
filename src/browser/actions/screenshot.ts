import type { Page } from "playwright-core";
import type { BrowserAnswer } from "../../protocol/browser.ts";
import { locate } from "../page/locate.ts";
import { type Action, usableTab } from "./action.ts";

// What models look at without shrinking it themselves.
const MAX_SIDE = 1568;
const MAX_PAGE_SIDE = 4000;
const MAX_PNG_BYTES = 3_000_000;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The visible part, the whole page or one element, scaled down to a size that can be sent. */
export const screenshot: Action = async (context) => {
  const { request, signal } = context;
  const tab = usableTab(context);
  const isElement = request.ref !== undefined || request.role !== undefined;
  if (!isElement) return { image: await shoot(tab.page, request.fullPage ? "page" : "view") };
  const target = await locate(tab, request);
  await target.scrollIntoViewIfNeeded({ signal, timeout: 0 });
  const box = await target.boundingBox({ signal, timeout: 0 });
  return { image: await shoot(tab.page, box ?? "view") };
};

type Part = "view" | "page" | Box;

async function shoot(page: Page, part: Part): Promise<NonNullable<BrowserAnswer["image"]>> {
  const devtools = await page.context().newCDPSession(page);
  try {
    const { cssVisualViewport: view, cssContentSize: content } = await devtools.send("Page.getLayoutMetrics");
    const shown = { x: view.pageX, y: view.pageY, width: view.clientWidth, height: view.clientHeight };
    const box =
      part === "view" ? shown : part === "page" ? content : { ...part, x: part.x + shown.x, y: part.y + shown.y };
    const limit = part === "page" ? MAX_PAGE_SIDE : MAX_SIDE;
    const width = Math.max(1, Math.min(Math.ceil(box.width), 4 * limit));
    const height = Math.max(1, Math.min(Math.ceil(box.height), 4 * limit));
    const density = await page.evaluate<number>("devicePixelRatio").catch(() => 1);
    const scale = Math.min(1, limit / Math.max(width, height)) / density;
    const clip = { x: box.x, y: box.y, width, height, scale };
    const options = { clip, captureBeyondViewport: part === "page" };
    const png = await devtools.send("Page.captureScreenshot", { ...options, format: "png", optimizeForSpeed: false });
    const size = { width: Math.round(width * scale * density), height: Math.round(height * scale * density) };
    if ((png.data.length * 3) / 4 <= MAX_PNG_BYTES) return { mediaType: "image/png", data: png.data, ...size };
    // Photographs are many times larger as PNG.
    const jpeg = await devtools.send("Page.captureScreenshot", { ...options, format: "jpeg", quality: 80 });
    return { mediaType: "image/jpeg", data: jpeg.data, ...size };
  } finally {
    await devtools.detach().catch(() => {});
  }
}
