import { mkdirSync } from "node:fs";
import path from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { root } from "../steps/process.mjs";

/** One window of the editor, worked as a person would: by its commands, its views and what they show. */
export class EditorWindow {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(60_000);
  }

  /** Picks a command in the palette by its whole title, "Pincer: Open chat". */
  async runCommand(title: string): Promise<void> {
    await this.search(title);
    await this.picks()
      .filter({ has: this.page.locator(`.monaco-highlighted-label:text-is("${title}")`) })
      .first()
      .click();
  }

  /** The commands that the palette offers for some words. */
  async findCommands(words: string): Promise<string[]> {
    await this.search(words);
    await this.picks().first().waitFor();
    const labels = await this.picks().locator(".label-name").allTextContents();
    await this.page.keyboard.press("Escape");
    return labels;
  }

  /** Types into the quick input that is open, and accepts. */
  async answer(text: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input.input");
    await input.fill(text);
    await input.press("Enter");
  }

  async openChat(): Promise<FrameLocator> {
    await this.runCommand("Pincer: Open chat");
    const panel = this.panel();
    await panel.locator("textarea").first().waitFor();
    return panel;
  }

  /** The chat panel's document. */
  panel(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").first().frameLocator("iframe#active-frame");
  }

  /** Types a message into the chat and sends it. */
  async send(text: string): Promise<void> {
    const input = this.panel().locator("textarea").first();
    await input.fill(text);
    await input.press("Enter");
  }

  /** Opens the trees; safe to call when they are open. */
  async openTrees(): Promise<void> {
    const tab = this.page.locator('.activitybar .action-item:has([aria-label^="Pincer"])').first();
    await tab.waitFor();
    if (
      (await tab.getAttribute("aria-selected")) !== "true" &&
      !(await tab.getAttribute("class"))?.includes("checked")
    ) {
      await tab.click();
    }
    await this.section("Sessions").waitFor();
  }

  /** Rows of a tree as a screen reader says them. */
  async rows(section: "Sessions" | "Cron"): Promise<string[]> {
    const rows = await this.section(section).locator(".monaco-list-row").all();
    return Promise.all(rows.map(async (row) => (await row.getAttribute("aria-label")) ?? ""));
  }

  row(section: "Sessions" | "Cron", text: string): Locator {
    return this.section(section).locator(".monaco-list-row", { hasText: text }).first();
  }

  /** What its own item in the status bar says. */
  status(): Locator {
    return this.page.locator('.statusbar-item[id^="pincer-dev.pincer"]').first();
  }

  toasts(): Promise<string[]> {
    return this.page.locator(".notification-toast").allTextContents();
  }

  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: "domcontentloaded" });
    await this.page.locator(".monaco-workbench .statusbar-item").first().waitFor();
  }

  /** Saves a picture to out/screenshots. */
  async screenshot(name: string): Promise<void> {
    const folder = path.join(root, "out", "screenshots");
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  private section(name: string): Locator {
    return this.page
      .locator(".split-view-view", { has: this.page.locator(`.pane-header[aria-label^="${name}"]`) })
      .last();
  }

  private async search(words: string): Promise<void> {
    // A first F1 may come before the workbench listens.
    const widget = this.page.locator(".quick-input-widget");
    await this.page.keyboard.press("F1");
    await widget.waitFor({ state: "visible", timeout: 10_000 }).catch(() => this.page.keyboard.press("F1"));
    await widget.locator("input.input").fill(`>${words}`);
  }

  private picks(): Locator {
    return this.page.locator(".quick-input-widget .monaco-list-row");
  }
}
