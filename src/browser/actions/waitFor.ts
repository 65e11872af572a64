import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../base/appError.ts";
import { locate } from "../page/locate.ts";
import type { Tab } from "../session/tab.ts";
import type { ActionContext } from "./action.ts";

/** Waits until all that the request names holds: text, an address, a state of the page or of an element, a time. */
export async function waitFor({ request, signal }: ActionContext, tab: Tab): Promise<void> {
  const { page } = tab;
  const { text, textGone, url, state, timeMs, ref, role } = request;
  const options = { signal, timeout: 0 };
  if (![text, textGone, url, state, timeMs, ref, role].some((value) => value !== undefined)) {
    throw new AppError(
      "bad_request",
      'act wait needs one of "text", "textGone", "url", "state", "timeMs", a ref or a role',
    );
  }
  if (timeMs !== undefined) await sleep(timeMs, undefined, { signal, ref: false });
  if (text !== undefined)
    await anyFrame(tab, (frame) =>
      frame
        .getByText(text)
        .first()
        .waitFor({ ...options, state: "visible" }),
    );
  if (textGone !== undefined)
    await page
      .getByText(textGone)
      .first()
      .waitFor({ ...options, state: "hidden" });
  if (url !== undefined) await page.waitForURL(toPattern(url), { ...options, waitUntil: "domcontentloaded" });
  if (ref !== undefined || role !== undefined) {
    // What is gone is hidden: no snapshot has to know it any more.
    if (state === "hidden" && ref !== undefined) await page.getByRef(ref).waitFor({ ...options, state });
    else await (await locate(tab, request)).waitFor({ ...options, state: state === "hidden" ? state : "visible" });
  } else if (state === "load") await page.waitForLoadState("load", options);
  else if (state === "idle") await page.waitForLoadState("networkidle", options);
}

/** Resolves when it does in one of the frames there are. */
async function anyFrame(tab: Tab, wait: (frame: ReturnType<Tab["page"]["mainFrame"]>) => Promise<void>): Promise<void> {
  await Promise.any(tab.page.frames().map(wait)).catch((error: AggregateError) => {
    throw error.errors[0];
  });
}

/** "*" stands for anything; a pattern without one is a part of the address. */
function toPattern(pattern: string): (url: URL) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const regex = new RegExp(parts.length === 1 ? parts[0]! : `^${parts.join(".*")}$`);
  return ({ href }) => regex.test(href);
}
