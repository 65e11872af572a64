import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { servePages } from "./pages.ts";
import { refOf, testBrowser, type TestBrowser } from "./testBrowser.ts";

const IDLE_MS = 10 * 60_000 + 1000;

const isRunning = async ({ act }: TestBrowser) => (await act({ action: "status" })).running !== null;

/** Whether a download was under way by the end of an act. */
const isOnItsWay = async ({ act }: TestBrowser) =>
  (await act({ action: "act", kind: "press", key: "x" })).notices?.some((text) => /is still on its way/.test(text)) ??
  false;

test("an idle browser is closed, and its tabs and cookies come back", async () => {
  const pages = await servePages({
    "/": (request, response) =>
      response
        .writeHead(200, { "Set-Cookie": "seen=yes; Max-Age=3600", "Content-Type": "text/html" })
        .end(
          `<h1>${request.headers.cookie ?? "first"}</h1><script>localStorage.count = 1 + Number(localStorage.count || 0)</script>`,
        ),
  });
  const clock = createFakeClock(systemClock.now());
  const { act } = testBrowser({ clock });
  expect((await act({ action: "open", url: pages.url })).snapshot?.text).toContain("first");
  await clock.advance(9 * 60_000);
  expect((await act({ action: "status" })).running).not.toBeNull();
  await clock.advance(61_000);
  await expect.poll(async () => (await act({ action: "status" })).running).toBeNull();
  const seen = await act({ action: "snapshot" });
  expect(seen.snapshot?.text).toContain("seen=yes");
  expect(seen.notices).toEqual(["The browser was closed meanwhile; 1 tabs were opened again"]);
  expect((await act({ action: "act", kind: "evaluate", script: "localStorage.count" })).value).toBe('"2"');

  await act({ action: "clear" });
  expect((await act({ action: "status" })).running).toBeNull();
  expect((await act({ action: "open", url: pages.url })).snapshot?.text).toContain("first");
});

test("tabs come back as themselves after the browser was idle, and are known meanwhile", async () => {
  let two = 0;
  const elsewhere = (): string => `http://localhost:${new URL(pages.url).port}/one`;
  const pages = await servePages({
    "/one": "<title>One</title>",
    "/two": (request, response) => {
      two += 1;
      if (two > 1) response.writeHead(302, { Location: elsewhere() }).end();
      else response.writeHead(200, { "Content-Type": "text/html" }).end("<title>Two</title><button>Go</button>");
    },
    "/three": "<title>Three</title>",
  });
  const clock = createFakeClock(systemClock.now());
  const tested = testBrowser({ clock });
  const { act, browser } = tested;
  for (const path of ["/one", "/two", "/three"]) await act({ action: "open", url: `${pages.url}${path}` });
  await act({ action: "close", targetId: "t1" });
  await act({ action: "focus", targetId: "t2" });
  await clock.advance(IDLE_MS);
  await expect.poll(() => isRunning(tested)).toBe(false);

  expect(await browser.look("main", { action: "act" })).toMatchObject({ url: `${pages.url}/two`, origin: pages.url });
  expect(await browser.look("main", { action: "act", targetId: "t3" })).toMatchObject({ url: `${pages.url}/three` });
  // What was there is asked about, and what came in its place is another.
  const click = act({ action: "act", kind: "press", key: "x" });
  await expect(click).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining(`what was at ${pages.url} is at http://localhost`),
  });
  expect((await act({ action: "tabs" })).tabs).toMatchObject([
    { id: "t2", focused: true, url: elsewhere() },
    { id: "t3", focused: false, url: `${pages.url}/three` },
  ]);
  expect((await act({ action: "open", url: `${pages.url}/one` })).tab).toMatchObject({ id: "t4" });
});

test("a blank page has the origin of the page that opened it, and another none", async () => {
  const pages = await servePages({ "/": "<button onclick='window.open()'>Blank</button>" });
  const { act, browser } = testBrowser();
  await act({ action: "open" });
  expect(await browser.look("main", { action: "act" })).toEqual({ url: "about:blank", admitted: new Set() });
  const opened = await act({ action: "open", url: pages.url });
  const clicked = await act({ action: "act", kind: "click", ref: refOf(opened, "Blank") });
  const [{ id: targetId } = { id: "" }] = clicked.changes?.openedTabs ?? [];
  expect(await browser.look("main", { action: "act", targetId })).toMatchObject({
    url: "about:blank",
    origin: pages.url,
  });
});

test("an act that begins as an idle browser is about to be closed keeps it", async () => {
  const pages = await servePages({ "/": "<h1>Home</h1>", "/next": "<h1>Next</h1>" });
  const clock = createFakeClock(systemClock.now());
  // It is said before it begins: what is asked of it in the same turn comes before any session is closed.
  const said = Promise.withResolvers<void>();
  const tested = testBrowser({ clock, log: { ...silentLog, info: (text) => /not used/.test(text) && said.resolve() } });
  const { act } = tested;
  for (const sessionKey of ["main", "other"]) await act({ action: "open", url: pages.url }, { sessionKey });
  const going = said.promise.then(() => act({ action: "navigate", url: `${pages.url}/next` }));
  await clock.advance(IDLE_MS);
  const went = await going;
  expect(went.snapshot?.text).toContain("Next");
  expect(went.notices).toBeUndefined();
  const { tabs, notices } = await act({ action: "tabs" }, { sessionKey: "other" });
  expect({ tabs, notices }).toMatchObject({ tabs: [{ id: "t1", url: `${pages.url}/` }], notices: undefined });
  await clock.advance(IDLE_MS);
  await expect.poll(() => isRunning(tested)).toBe(false);
});

/** Two sessions with a tab each, of which "other" takes its time to be closed; what is logged of that is `closing`. */
async function slowToClose() {
  const held: ServerResponse[] = [];
  const pages = await servePages({
    "/": "<h1>Home</h1>",
    "/hang": `<script>fetch("/go").then(() => {
      const request = new XMLHttpRequest();
      request.open("GET", "/hangs", false);
      request.send();
    })</script>`,
    "/go": (_, response) => void held.push(response),
    "/hangs": () => {},
  });
  const clock = createFakeClock(systemClock.now());
  const saved = Promise.withResolvers<void>();
  const { act } = testBrowser({ clock, log: { ...silentLog, warn: () => saved.resolve() } });
  await act({ action: "open", url: pages.url });
  await act({ action: "open", url: `${pages.url}/hang` }, { sessionKey: "other" });
  held[0]!.end();
  await expect.poll(() => pages.requests).toContain("GET /hangs");
  const sessions = async () => (await act({ action: "status" })).running?.sessions;
  return { act, clock, url: pages.url, closing: saved.promise, sessions };
}

test("an act between two sessions' closing keeps the browser and all that is open in it", async () => {
  const { act, clock, url, closing, sessions } = await slowToClose();
  await clock.advance(IDLE_MS);
  await expect.poll(sessions).toBe(1);
  await act({ action: "open", url });
  await closing;
  await setImmediate();
  expect(await sessions()).toBe(2);
  const { tabs, notices } = await act({ action: "tabs" });
  expect({ tabs, notices }).toMatchObject({ tabs: [{ id: "t1" }, { id: "t2", focused: true }], notices: undefined });
});

test("what is opened while the browser is closed for one with a window comes back in that", async () => {
  const { act, url, sessions } = await slowToClose();
  // Where there is no screen, it cannot be started.
  const changed = act({ action: "start", headless: false }, { sessionKey: "third" }).catch(() => {});
  await expect.poll(sessions).toBe(1);
  await act({ action: "open", url });
  await changed;
  await act({ action: "start", headless: true }, { sessionKey: "third" });
  expect((await act({ action: "tabs" })).tabs).toMatchObject([{ id: "t1" }, { id: "t2", focused: true }]);
});

/** A page with a download, of which half was sent when it is among those that are held back. */
async function slowDownload() {
  const held: ServerResponse[] = [];
  const pages = await servePages({
    "/": "<a href=/file download>Get</a>",
    "/file": (_, response) => {
      const headers = { "Content-Disposition": "attachment; filename=slow.csv", "Content-Type": "text/csv" };
      response.writeHead(200, { ...headers, "Content-Length": "4" });
      response.write("a,");
      held.push(response);
    },
  });
  const begin = async (tested: TestBrowser) => {
    const opened = await tested.act({ action: "open", url: pages.url });
    await tested.act({ action: "act", kind: "click", ref: refOf(opened, "Get") });
    await expect.poll(() => isOnItsWay(tested)).toBe(true);
  };
  return { held, begin };
}

test("a download under way keeps the browser, and is known after it was closed and after a restart", async () => {
  const { held, begin } = await slowDownload();
  const clock = createFakeClock(systemClock.now());
  const tested = testBrowser({ clock });
  const { act, stateDir } = tested;
  await begin(tested);
  await clock.advance(IDLE_MS);
  held[0]!.end("b\n");
  await once(held[0]!, "close");
  expect((await act({ action: "downloads" })).downloads).toMatchObject([{ name: "slow.csv", bytes: 4 }]);
  await clock.advance(IDLE_MS);
  await expect.poll(() => isRunning(tested)).toBe(false);
  expect((await act({ action: "downloads" })).downloads).toMatchObject([{ name: "slow.csv", bytes: 4 }]);
  await tested.browser.close();
  const restarted = testBrowser({ stateDir });
  expect((await restarted.act({ action: "downloads" })).downloads).toMatchObject([{ name: "slow.csv", bytes: 4 }]);
});

test("a download that has no end keeps the browser for an hour, and is told as not saved", async () => {
  const { begin } = await slowDownload();
  const clock = createFakeClock(systemClock.now());
  const tested = testBrowser({ clock });
  await begin(tested);
  for (let waited = 0; waited < 6; waited += 1) await clock.advance(IDLE_MS);
  expect(await isRunning(tested)).toBe(true);
  await clock.advance(IDLE_MS);
  await expect.poll(() => isRunning(tested)).toBe(false);
  expect(await tested.act({ action: "downloads" })).toMatchObject({
    downloads: [],
    notices: [expect.stringContaining("closed meanwhile"), expect.stringContaining("Not saved: slow.csv")],
  });
});
