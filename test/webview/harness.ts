import { type Browser, chromium, type Page } from "playwright-core";
import { createTexts, type Texts } from "../../src/base/text/texts.ts";
import { findChromium } from "../steps/chromium.mjs";
import { createFakeGateway, type FakeGateway } from "./fakeGateway.ts";
import { openPanelSite, type PanelLook } from "./panelSite.ts";
import { themes, type ThemeName } from "./themes.ts";

export interface Harness {
  open: (options?: PanelOptions) => Promise<PanelPage>;
  /** Bytes of the panel's script, minified. */
  scriptBytes: number;
  close: () => Promise<void>;
}

export interface PanelOptions extends PanelLook {
  width?: number;
  height?: number;
  /** Fills the store before the panel asks. */
  prepare?: (gateway: FakeGateway) => void;
  /** The editor does not say that the gateway runs. */
  held?: boolean;
}

export interface PanelPage {
  page: Page;
  gateway: FakeGateway;
  /** What the panel says, in its language. */
  t: Texts["t"];
  /** All that the panel was told, as JSON: what it may show beside its own words. */
  told: string[];
  /** What the page reported as wrong. */
  problems: string[];
  /** Fails when the page has reported a problem. */
  close: () => Promise<void>;
}

/** How many times slower the browser is to be than it is, and far from its gateway: what a test hurries past becomes visible. */
export const SLOWER = Number(process.env["PINCER_SLOW_BROWSER"] ?? 1);

/**
 * The built panel in a real browser. Each panel is a page of its own, loaded anew; the tab that shows it is the one of a panel
 * that was closed, for a tab with its process takes four times as long as a page.
 */
export async function startHarness(): Promise<Harness> {
  const site = await openPanelSite();
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"],
  });
  const free: Tab[] = [];
  return {
    async open(options = {}) {
      const tab = free.pop() ?? (await openTab(browser));
      return openPanel(tab, site.put(options), options, () => free.push(tab));
    },
    scriptBytes: site.scriptBytes,
    async close() {
      await browser.close();
      site.close();
    },
  };
}

/** Switches the theme of an open page, as the editor does. */
export async function setTheme(page: Page, theme: ThemeName): Promise<void> {
  const { bodyClass, colors } = themes[theme];
  const all = Object.fromEntries(
    Object.values(themes).flatMap((other) => Object.keys(other.colors).map((name) => [name, colors[name] ?? ""])),
  );
  await page.evaluate(`
    for (const [name, value] of Object.entries(${JSON.stringify(all)})) document.documentElement.style.setProperty("--vscode-" + name, value || "initial");
    document.body.className = ${JSON.stringify(`${bodyClass} vscode-reduce-motion`)};
  `);
}

/** Resolves when what was told has been drawn. */
export async function twoFrames(page: Page): Promise<void> {
  await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
}

/**
 * Resolves when the transcript moves no more: a wheel rolls on for a while, rows are measured as they come into sight, and a
 * panel that opens goes to the end for some frames.
 */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const log = document.querySelector("[role=log]");
    for (let still = 0, before = ""; still < 10;) {
      await new Promise(requestAnimationFrame);
      const now = [log.scrollTop, log.scrollHeight].join();
      still = now === before ? still + 1 : 0;
      before = now;
    }
  })()`);
}

interface Tab {
  page: Page;
  /** What it shows; what comes from an earlier one is nobody's. */
  shown?: { address: string; problems: string[]; receive: FakeGateway["receive"] };
}

async function openTab(browser: Browser): Promise<Tab> {
  const context = await browser.newContext();
  const tab: Tab = { page: await context.newPage() };
  const { page } = tab;
  if (SLOWER > 1) await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  page.on("pageerror", (error) => tab.shown?.problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && tab.shown?.problems.push(message.text()));
  await page.exposeFunction("toHost", (address: string, message: Parameters<FakeGateway["receive"]>[0]) => {
    const { shown } = tab;
    if (address !== shown?.address) return;
    if (SLOWER > 1) setTimeout(shown.receive, 20 * SLOWER, message);
    else shown.receive(message);
  });
  return tab;
}

async function openPanel(tab: Tab, address: string, options: PanelOptions, free: () => void): Promise<PanelPage> {
  const { theme = "dark", width = 380, height = 720, texts, prepare, held = false } = options;
  const { page } = tab;
  const told: string[] = [];
  const problems: string[] = [];
  const gateway = createFakeGateway(async (messages) => {
    told.push(JSON.stringify(messages));
    if (tab.shown?.address !== address) return;
    const script = `if (location.href === "${address}") for (const data of ${JSON.stringify(messages)}) dispatchEvent(new MessageEvent("message", { data }))`;
    // What is told to a page on its way out is lost, as it is in the editor.
    await page.evaluate(script).catch(() => undefined);
  });
  if (held) gateway.hold();
  prepare?.(gateway);
  // Less than a test has, so that what is waited for in vain is told.
  page.setDefaultTimeout(60_000 * SLOWER);
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: theme.includes("ight") ? "light" : "dark" });
  tab.shown = { address, problems, receive: gateway.receive };
  await page.goto(address);
  if (held) await page.getByRole("textbox", { name: "Message" }).waitFor();
  else await gateway.called("session.status");
  return {
    page,
    gateway,
    told,
    problems,
    t: createTexts(texts ?? { language: "en", texts: {} }).t,
    async close() {
      // What the page reported before it answers is heard by then.
      await page.evaluate("0");
      delete tab.shown;
      if (problems.length > 0) throw new Error(`The page reported errors:\n${problems.join("\n")}`);
      await page.mouse.move(0, 0);
      free();
    },
  };
}
