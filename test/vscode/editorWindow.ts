import { mkdirSync } from "node:fs";
import path from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { root } from "../steps/process.mjs";

/** Of the page, where `evaluate` runs its functions. */
declare function requestAnimationFrame(callback: () => void): number;

/** A tree beside the editor. */
type Section = "Sessions" | "Cron" | "MCP servers" | "Worktrees";

/** One window of the editor, worked as a person would: by its commands, its views and what they show. */
export class EditorWindow {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(30_000);
  }

  /** Picks a command in the palette by its whole title, "Pincer: Open chat". */
  async runCommand(title: string): Promise<void> {
    const rows = `.monaco-list-row[aria-label="${title}"], .monaco-list-row[aria-label^="${title},"]`;
    await this.search(`>${title}`, (palette) => palette.locator(rows).first().click({ timeout: 5_000 }));
  }

  /** The commands that the palette offers for a title. */
  async findCommands(title: string): Promise<string[]> {
    const [, ...words] = title.split(" ");
    let labels: string[] = [];
    await this.search(`>${title}`, async (palette) => {
      // What it listed before it had read the words is no answer.
      const hasText = new RegExp(words.join("|"), "i");
      const found = palette.locator(".monaco-list-row").first().filter({ hasText });
      await found.or(palette.getByText("No matching commands")).first().waitFor({ timeout: 5_000 });
      labels = await palette.locator(".monaco-list-row .label-name").allTextContents();
    });
    await this.page.keyboard.press("Escape");
    await this.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
    return labels;
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
  async rows(section: Section): Promise<string[]> {
    // At once: one that is painted anew meanwhile would be waited for.
    return this.section(section)
      .locator(".monaco-list-row")
      .evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));
  }

  row(section: Section, text: string): Locator {
    return this.section(section).locator(".monaco-list-row", { hasText: text }).first();
  }

  /** Waits until the keys are meant for a row: what one click or key led to is there before the next key. */
  async waitForFocus(section: Section, text: string): Promise<void> {
    const list = this.section(section).locator(".monaco-list:focus-within, .monaco-list:focus");
    await list.locator(".monaco-list-row.focused", { hasText: text }).waitFor();
  }

  /** Waits until its item in the status bar says exactly this, as a screen reader would. */
  async waitForStatus(label: string, timeout = 60_000): Promise<void> {
    await this.page
      .locator(`.statusbar-item[aria-label="${label}"], .statusbar-item [aria-label="${label}"]`)
      .first()
      .waitFor({ timeout });
  }

  /** Points at its item in the status bar until what it says there is seen: an item that is painted anew takes it away. */
  async hoverStatus(text: string): Promise<void> {
    const shown = this.page.locator(".workbench-hover", { hasText: text });
    for (let tries = 5; ; tries -= 1) {
      try {
        await this.page.locator('.statusbar-item[aria-label^="Pincer"]').first().hover();
        return await shown.waitFor({ timeout: 5_000 });
      } catch (error) {
        if (tries === 0) throw error;
        await this.page.mouse.move(700, 500);
      }
    }
  }

  /** Counts in how many different lengths a part of the panel is painted, until it is stopped. */
  async countPaints(selector: string): Promise<{ stop(): Promise<number> }> {
    const counter = await this.panel()
      .locator(selector)
      .evaluateHandle((element) => {
        const lengths = new Set<number>();
        let isOn = true;
        const look = () => {
          lengths.add((element.textContent ?? "").length);
          if (isOn) requestAnimationFrame(look);
        };
        look();
        return () => {
          isOn = false;
          return lengths.size;
        };
      });
    return { stop: () => counter.evaluate((end) => end()) };
  }

  /** Opens a file of its folder in an editor, which has the focus then. */
  async openFile(name: string): Promise<void> {
    await this.search(name, (picker) =>
      picker.locator(".monaco-list-row", { hasText: name }).first().click({ timeout: 5_000 }),
    );
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.editor().locator(".view-line").first().click();
  }

  /** Picks from the menu of a file or folder in the explorer, again where a tree that is painted anew takes the menu away. */
  async pickInExplorer(name: string, title: string): Promise<void> {
    const tree = this.page.locator(".explorer-folders-view");
    // A click on what is shown already takes it away.
    if (!(await tree.isVisible())) await this.page.locator('.activitybar [aria-label^="Explorer"]').first().click();
    await this.pickFrom(this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).first(), title);
  }

  /** Picks from the menu of a test in the test explorer. */
  async pickOnTest(name: string, title: string): Promise<void> {
    await this.runCommand("Testing: Focus on Test Explorer View");
    const row = this.page.locator(".test-explorer .monaco-list-row", { hasText: name }).first();
    await row.waitFor();
    await this.pickFrom(row, title);
  }

  private async pickFrom(row: Locator, title: string): Promise<void> {
    const item = this.page.locator(".monaco-menu .action-item", { hasText: title }).first();
    for (let tries = 5; ; tries -= 1) {
      try {
        await row.click({ button: "right" });
        // By the keyboard: a menu that has only just opened takes no click.
        await item.hover({ timeout: 5_000 });
        await this.page.locator(".monaco-menu .action-item.focused", { hasText: title }).waitFor({ timeout: 2_000 });
        await this.page.keyboard.press("Enter");
        return await item.waitFor({ state: "hidden", timeout: 2_000 });
      } catch (error) {
        if (tries === 0) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
  }

  /** Picks from the menu of a row, as above. */
  async pickOnRow(section: Section, text: string, title: string): Promise<void> {
    await this.pickFrom(this.row(section, text), title);
  }

  /** Types into the quick input whose title says this, and accepts. */
  async answer(title: string, text: string): Promise<void> {
    const input = this.question(title).locator("input.input");
    await input.fill(text);
    await input.press("Enter");
  }

  /** Picks from the quick input whose title says this what fits a text, or what it suggests. */
  async pick(title: string, text?: string): Promise<void> {
    const question = this.question(title);
    const input = question.locator("input.input");
    if (text !== undefined) await input.fill(text);
    // It may be listed only now.
    await question.locator(".monaco-list-row.focused", text === undefined ? {} : { hasText: text }).waitFor();
    await input.press("Enter");
  }

  /** The quick input, once its title says this: one is there for all questions, one after the other. */
  question(title: string): Locator {
    const shown = this.page.locator(".quick-input-title", { hasText: title });
    return this.page.locator(".quick-input-widget", { has: shown });
  }

  /** Types at the start of the file that is shown. */
  async typeAtStart(text: string): Promise<void> {
    await this.editor().locator(".view-line").first().click();
    await this.page.keyboard.press("Control+Home");
    await this.page.keyboard.type(text);
  }

  /** The text of the file that is shown, as far as it is in view, and whether it is to be saved. */
  async shownText(): Promise<{ text: string; isUnsaved: boolean }> {
    const placed = await this.editor()
      .locator(".view-line")
      .evaluateAll((lines) =>
        lines.map((line) => ({ top: line.getBoundingClientRect().y, text: line.textContent ?? "" })),
      );
    placed.sort((one, other) => one.top - other.top);
    return {
      text: placed.map(({ text }) => text.replaceAll("\u00a0", " ")).join("\n"),
      isUnsaved: (await this.page.locator(".tab.active.dirty").count()) > 0,
    };
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

  private editor(): Locator {
    return this.page.locator(".editor-group-container.active .monaco-editor").first();
  }

  private section(name: string): Locator {
    return this.page
      .locator(".split-view-view", { has: this.page.locator(`.pane-header[aria-label^="${name}"]`) })
      .last();
  }

  /** Types into the palette, which finds commands after a ">" and else files, and acts on it; a window that is still starting may drop keys or the focus, so it tries again. */
  private async search(words: string, act: (palette: Locator) => Promise<void>): Promise<void> {
    const palette = this.page.locator(".quick-input-widget");
    for (let tries = 5; ; tries -= 1) {
      try {
        await this.page.keyboard.press("F1");
        await palette.locator("input.input").fill(words, { timeout: 3_000 });
        return await act(palette);
      } catch (error) {
        if (tries === 0) throw error;
      }
    }
  }
}
