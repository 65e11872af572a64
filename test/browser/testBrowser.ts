import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import type { Clock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { type BrowserOptions, createBrowser } from "../../src/browser/createBrowser.ts";
import type { Browser } from "../../src/core/ports/browserPort.ts";
import type { BrowserAnswer, BrowserRequest } from "../../src/protocol/browser.ts";
import { findChromium } from "../steps/chromium.mjs";

export interface TestBrowser {
  browser: Browser;
  stateDir: string;
  workspace: string;
  /** One action of a session, "main" when not said. */
  act(request: BrowserRequest, caller?: { sessionKey?: string; signal?: AbortSignal }): Promise<BrowserAnswer>;
}

/** The real browser of this machine under a state folder of its own, ended with the test. */
export function testBrowser(
  own: Partial<BrowserOptions> & { allowLoopback?: boolean; clock?: Clock } = {},
): TestBrowser {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-browser-")));
  const { allowLoopback = true, ...rest } = own;
  const executablePath = findChromium();
  const browser = createBrowser({
    stateDir: folder,
    config: () => ({ headless: true, allowLoopback, ...(executablePath ? { executablePath } : {}) }),
    log: silentLog,
    clock: systemClock,
    ...rest,
  });
  onTestFinished(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return {
    browser,
    stateDir: folder,
    workspace: folder,
    act: (request, { sessionKey = "main", signal = new AbortController().signal } = {}) =>
      browser.act(request, { sessionKey, workspace: folder, signal }),
  };
}

/** The ref of the first line of a snapshot that holds these words. */
export function refOf(answer: BrowserAnswer, words: string): string {
  const line = answer.snapshot?.text.split("\n").find((text) => text.includes(words) && text.includes("[ref="));
  const ref = line?.match(/\[ref=(\w+)\]/)?.[1];
  if (!ref) throw new Error(`No ref for ${words} in:\n${answer.snapshot?.text}`);
  return ref;
}

/** Why an act is not done: where its time is over before the page was looked at, it is given twice as much. */
export async function whyNot(act: TestBrowser["act"], request: BrowserRequest): Promise<string> {
  for (let timeoutMs = 500; ; timeoutMs *= 2) {
    const why = await act({ ...request, timeoutMs }).then(
      () => "done",
      (error: Error) => error.message,
    );
    if (!why.endsWith("was not ready") || timeoutMs > 8000) return why;
  }
}
