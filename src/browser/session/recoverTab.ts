import { inTime } from "../inTime.ts";
import type { Page } from "playwright-core";
import type { SessionContext } from "./sessionContext.ts";
import type { Tab } from "./tab.ts";

const ANSWER_MS = 500;
/** Until a page that was stopped is given up, and its tab with it: on a busy machine it is slow to answer. */
const LAST_ANSWER_MS = 1500;
const STOP_MS = 700;

/** After an action was given up: stops what the page still loads or runs, or closes the tab. Takes about a second, and three at most. */
export async function recoverTab(session: SessionContext, tab: Tab): Promise<void> {
  const { page } = tab;
  if (tab.dialog || page.isClosed() || !session.browserProcess.isUp()) return;
  const isHung = !(await answers(page, ANSWER_MS));
  if (!isHung && !tab.isNavigating) return;
  await inTime(STOP_MS, stop(page, isHung));
  if (!isHung || (await answers(page, LAST_ANSWER_MS))) return;
  session.notices.push(`The page in tab ${tab.id} hung and could not be stopped; the tab was closed`);
  await inTime(STOP_MS, session.closeTab(tab));
}

async function stop(page: Page, isHung: boolean): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  // Ends a script in the middle of its loop, which nothing that waits for the page could.
  if (isHung) await devtools.send("Runtime.terminateExecution");
  await devtools.send("Page.stopLoading");
  await devtools.detach();
}

async function answers(page: Page, ms: number): Promise<boolean> {
  const answer = page.evaluate("0").then(
    () => true,
    () => true,
  );
  return (await inTime(ms, answer)) ?? false;
}
