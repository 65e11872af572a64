import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { english } from "../fakes/english.ts";
import type { Job, ToldFiring } from "../../src/protocol/job.ts";
import { type JobPage, jobPage } from "../../src/vscode/pages/jobPage.ts";
import { usagePage } from "../../src/vscode/pages/usagePage.ts";
import { findChromium } from "../steps/chromium.mjs";

// The editor's pages in a real browser, with the script that draws what changed.

declare const document: {
  activeElement: { getAttribute(name: string): string | null; textContent: string } | null;
  querySelector(selector: string): { scrollTop: number } | null;
};

let browser: Browser;
let script: string;
beforeAll(async () => {
  const entry = fileURLToPath(new URL("../../webview-ui/pages/page.ts", import.meta.url));
  const built = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm", target: "es2022" });
  script = built.outputFiles[0]!.text;
  browser = await chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
});
afterAll(() => browser.close());

const head = { nonce: "n0", script: "/page.js" };
const SITE = "http://page.example.org";

/** Opens a page as the editor does; what it says to its host, and what goes wrong in it, is kept. */
async function open(
  html: string,
): Promise<{ page: Page; said: unknown[]; problems: string[]; draw(html: string): Promise<void> }> {
  const page = await browser.newPage({ viewport: { width: 700, height: 400 } });
  const problems: string[] = [];
  const said: unknown[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.exposeFunction("toHost", (message: unknown) => void said.push(message));
  await page.addInitScript("globalThis.acquireVsCodeApi = () => ({ postMessage: (message) => toHost(message) })");
  await page.route("**/*", (route) =>
    new URL(route.request().url()).pathname === "/page.js"
      ? route.fulfill({ contentType: "text/javascript", body: script })
      : route.fulfill({ contentType: "text/html", body: html }),
  );
  await page.goto(SITE);
  await expect.poll(() => said).toEqual(["ready"]);
  const draw = (next: string) =>
    page.evaluate(`dispatchEvent(new MessageEvent("message", { data: ${JSON.stringify({ html: next })} }))`);
  return { page, said, problems, draw: async (next) => void (await draw(next)) };
}

const job: Job = {
  id: "job-1",
  name: "Nightly",
  schedule: { kind: "every", everyMs: 60_000 },
  payload: { kind: "agentTurn", message: Array.from({ length: 40 }, (_, at) => `Line ${at}`).join("\n") },
  sessionTarget: "isolated",
  enabled: true,
  createdBy: { via: "api" },
  createdAt: "2026-11-01T00:00:00.000Z",
  updatedAt: "2026-11-01T00:00:00.000Z",
  nextRunAt: null,
  lastRunAt: null,
  lastStatus: null,
  state: { consecutiveErrors: 0 },
};

const firing = (minute: number, more: Partial<ToldFiring> = {}): ToldFiring => {
  const slot = new Date(Date.parse("2026-11-23T09:00:00Z") + minute * 60_000).toISOString();
  const ran = { runId: `run-${minute}`, sessionKey: `s-${minute}`, durationMs: 1000, lastLines: `Said ${minute}` };
  return { jobId: "job-1", slot, startedAt: slot, status: "ok", cause: "schedule", ...ran, ...more };
};
const firings = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => firing(to - at));

const drawn = (more: Partial<JobPage>) =>
  jobPage({
    job,
    next: ["2026-11-24T09:00:00.000Z"],
    runs: firings(1, 30),
    locale: { language: "en", timeZone: "UTC", now: Date.parse("2026-11-23T10:00:00Z") },
    texts: english,
    head,
    statusOf: ({ status }) => status,
    causeOf: () => "",
    ...more,
  });

const focused = (page: Page) =>
  page.evaluate(() => `${document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent}`);

test("a page that is drawn anew keeps the focus on its control and the reader at the place, whatever fired meanwhile", async () => {
  const { page, problems, draw } = await open(drawn({}));
  const report = page.getByRole("link", { name: "Report of Mon, Nov 23, 09:10 UTC", exact: true });
  await report.focus();
  await page.locator("dd[data-key=Message]").evaluate((message) => (message.scrollTop = 100));
  const place = () => report.evaluate((link) => Math.round(link.getBoundingClientRect().top));
  const before = await place();

  // One more is running, the oldest has gone, and there are facts that were not there.
  const failing = { ...job, name: "Nightly & more", state: { consecutiveErrors: 2, lastError: "No key" } };
  const more = [firing(31, { status: "running", durationMs: undefined, lastLines: undefined }), ...firings(2, 30)];
  await draw(drawn({ job: failing, runs: more }));
  await page.getByText("No key").waitFor();
  expect(await page.title()).toBe("Nightly & more");
  expect(await page.locator("tbody tr").count()).toBe(30);
  expect(await focused(page)).toBe("Report of Mon, Nov 23, 09:10 UTC");
  expect(await place()).toBe(before);
  expect(await page.evaluate(() => document.querySelector("dd[data-key=Message]")?.scrollTop)).toBe(100);

  // What it said of the one that ran is in its row now; a link of the head stays focused although it leads elsewhere.
  await page.getByRole("link", { name: "Open last session" }).focus();
  await draw(drawn({ runs: firings(2, 31) }));
  await page.getByText("Said 31").waitFor();
  expect(await page.getByText("No key").count()).toBe(0);
  expect(await focused(page)).toBe("Open last session");
  expect(await page.getByRole("link", { name: "Open last session" }).getAttribute("href")).toContain("s-31");
  expect(problems).toEqual([]);
  await page.close();
});

test("from no firing to the first, and another unit of the usage: what is drawn is what a fresh page holds", async () => {
  const { page, draw } = await open(drawn({ runs: [] }));
  const body = (of: Page) => of.locator("body").innerHTML();
  for (const runs of [firings(1, 1), firings(1, 3), firings(3, 3), []]) {
    await draw(drawn({ runs }));
    const fresh = await open(drawn({ runs }));
    expect(await body(page)).toBe(await body(fresh.page));
    await fresh.page.close();
  }
  const usage = (measure: "tokens" | "cost") =>
    usagePage({
      rows: ["a/large", "b/small"].map((model, at) => ({
        ...{ day: "2026-11-23", sessionKey: `s-${at}`, model, requests: 1, inputTokens: 100 + at, outputTokens: 1 },
        ...{ cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 1 - at, unpriced: 0 },
      })),
      ...{ days: 30, measure, now: Date.parse("2026-11-23T10:00:00Z"), texts: english, head, titleOf: String },
    });
  await draw(usage("tokens"));
  await page.getByRole("link", { name: "Money" }).focus();
  await draw(usage("cost"));
  expect(await focused(page)).toBe("Money");
  const fresh = await open(usage("cost"));
  expect(await body(page)).toBe(await body(fresh.page));
  await page.close();
});

test("what is drawn runs nothing, even were there markup in it", async () => {
  const { page, draw } = await open(drawn({}));
  const hostile = `<script>document.title = "run"</script><img src="/x" onerror="document.title = 'run'"><a href="javascript:document.title = 'run'">x</a>`;
  await draw(drawn({}).replace("<h1>", `${hostile}<h1>`));
  await page.getByText("x", { exact: true }).click();
  await draw(drawn({}));
  expect(await page.title()).toBe("Nightly");
  await page.close();
});
