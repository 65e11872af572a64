import { mkdirSync } from "node:fs";
import path from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { root } from "../steps/process.mjs";
import { type Aim, landed } from "./aim.ts";
import { SLOWER } from "./browser.ts";
import { LISTED, MOST_TRIES, QUICK, searchPalette } from "./palette.ts";
import { chooseOfRow, type Coming, waitForRest } from "./treeRest.ts";

/** A tree beside the editor. */
type Section = "Sessions" | "Cron" | "MCP servers" | "Worktrees";

/** One window of the editor, worked as a person would: by its commands, its views and what they show. */
export class EditorWindow {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(30_000 * SLOWER);
  }

  /** Picks a command in the palette by its whole title, "Pincer: Open chat". */
  async runCommand(title: string): Promise<void> {
    const rows = `.monaco-list-row[aria-label="${title}"], .monaco-list-row[aria-label^="${title},"]`;
    await searchPalette(this.page, `>${title}`, (palette) =>
      this.land({ selector: LISTED, label: title }, () =>
        palette
          .locator(rows)
          .first()
          .click({ timeout: 5_000 * SLOWER }),
      ),
    );
  }

  /** The commands that the palette offers for a title. */
  async findCommands(title: string): Promise<string[]> {
    const [, ...words] = title.split(" ");
    let labels: string[] = [];
    await searchPalette(this.page, `>${title}`, async (palette) => {
      // What it listed before it had read the words is no answer.
      const hasText = new RegExp(words.join("|"), "i");
      const found = palette.locator(".monaco-list-row").first().filter({ hasText });
      await found
        .or(palette.getByText("No matching commands"))
        .first()
        .waitFor({ timeout: 5_000 * SLOWER });
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

  /**
   * The chat panel's document: not that of a page among the editors. The frame of a view that was hidden and is shown again no
   * longer says that it is one, but it still reaches to the window's right edge.
   */
  panel(): FrameLocator {
    const frame = "iframe.webview.ready";
    return this.page
      .frameLocator(`${frame}[src*="purpose=webviewView"], .webview-overlay-outer-right > ${frame}`)
      .first()
      .frameLocator("iframe#active-frame");
  }

  /** The document of a page of Markdown, as the editor draws it. */
  drawnPage(): FrameLocator {
    return this.page.frameLocator('.webview.ready[src*="markdown-language"]').frameLocator("iframe#active-frame");
  }

  /** Hides the chat, whose page is gone then; `openChat` shows it again. */
  async hideChat(): Promise<void> {
    await this.runCommand("View: Hide Secondary Side Bar");
    await this.page.locator("iframe.webview").waitFor({ state: "detached" });
  }

  /** Types a message into the chat and sends it: it is taken then. */
  async send(text: string): Promise<void> {
    const input = this.panel().locator("textarea").first();
    await input.fill(text);
    await input.press("Enter");
    await this.panel().locator("textarea:placeholder-shown").first().waitFor();
  }

  /** Opens the trees; safe to call when they are open. */
  async openTrees(): Promise<void> {
    await this.openBeside("Pincer", this.section("Sessions"));
  }

  /** Opens the trees as the first of all: the chat opens beside them and takes the focus, from a menu too. */
  async openTreesAndChat(): Promise<void> {
    await this.openTrees();
    await this.waitForChatFocus();
  }

  /** Waits until what is typed is meant for the chat. */
  async waitForChatFocus(): Promise<void> {
    await this.panel().locator("textarea:focus").waitFor();
  }

  /** Chooses a session in the tree, and waits until the chat shows it: before that, the panel sends to the one before. */
  async showSession(title: string): Promise<void> {
    await this.openTrees();
    await this.clickRow("Sessions", title);
    await this.panel().locator("header", { hasText: title }).waitFor();
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

  /** Clicks a row of a tree at rest, which is selected then, or a part of the row. */
  async clickRow(section: Section, text: string, part?: string): Promise<void> {
    const row = this.row(section, text);
    const selector = `.pane:has(> .pane-header[aria-label^="${section}"]) .monaco-list-row`;
    await row.waitFor();
    await waitForRest(this.section(section));
    await this.land({ selector, text }, () => (part ? row.locator(part).first() : row).click());
    if (part) return;
    await this.section(section).locator(".monaco-list-row.selected", { hasText: text }).first().waitFor();
  }

  /** Waits until the keys are meant for a row: what one click or key led to is there before the next key. */
  async waitForFocus(section: Section, text: string): Promise<void> {
    const list = this.section(section).locator(".monaco-list:focus-within, .monaco-list:focus");
    await list.locator(".monaco-list-row.focused", { hasText: text }).waitFor();
  }

  /** Waits until its item in the status bar says exactly this, as a screen reader would. */
  async waitForStatus(label: string): Promise<void> {
    await this.page
      .locator(`.statusbar-item[aria-label="${label}"], .statusbar-item [aria-label="${label}"]`)
      .first()
      .waitFor({ timeout: 60_000 * SLOWER });
  }

  /** Points at its item in the status bar until what it says there is seen: an item that is painted anew takes it away. */
  async hoverStatus(text: string): Promise<void> {
    const shown = this.page.locator(".workbench-hover", { hasText: text });
    for (let tries = 5; ; tries -= 1) {
      try {
        await this.page.locator('.statusbar-item[aria-label^="Pincer"]').first().hover();
        return await shown.waitFor({ timeout: 5_000 * SLOWER });
      } catch (error) {
        if (tries === 0) throw error;
        await this.page.mouse.move(700, 500);
      }
    }
  }

  /** Opens a file of its folder in an editor, which has the focus then. */
  async openFile(name: string): Promise<void> {
    await searchPalette(this.page, name, (picker) =>
      this.land({ selector: LISTED, text: name }, () =>
        picker
          .locator(".monaco-list-row", { hasText: name })
          .first()
          .click({ timeout: 5_000 * SLOWER }),
      ),
    );
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.editor().locator(".view-line").first().click();
  }

  /** Picks from the menu of a file or folder in the explorer. */
  async pickInExplorer(name: string, title: string): Promise<void> {
    await this.pickFrom(await this.inExplorer(name), name, title);
  }

  /** The row of a file or folder in the explorer. */
  async inExplorer(name: string): Promise<Locator> {
    const tree = this.page.locator(".explorer-folders-view");
    await this.openBeside("Explorer", tree);
    return tree.locator(".monaco-list-row", { hasText: name }).first();
  }

  tab(name: string): Locator {
    return this.page.locator(".tab", { hasText: name }).first();
  }

  /** Drags something of the editor into the chat: with Shift, or the editor keeps it from pages. */
  async dragToChat(dragged: Locator): Promise<void> {
    const { mouse, keyboard } = this.page;
    await dragged.hover();
    await mouse.down();
    await keyboard.down("Shift");
    const { x, y, width, height } = (await this.panel().locator("textarea").first().boundingBox())!;
    // The first move begins to drag, the second enters the page, and only over it is there something to drop on.
    for (const up of [300, 20, 0]) await mouse.move(x + width / 2, y + height / 2 - up, { steps: 5 });
    await this.panel().locator(".panel.dropping").waitFor();
    await mouse.up();
    await keyboard.up("Shift");
  }

  /** Picks from the menu of a test in the test explorer. */
  async pickOnTest(name: string, title: string): Promise<void> {
    await this.runCommand("Testing: Focus on Test Explorer View");
    const row = this.page.locator(".test-explorer .monaco-list-row", { hasText: name }).first();
    await this.pickFrom(row, name, title);
  }

  /** Clicks in the menu of an extension, in the list of those that are installed, and waits for what comes of it: that menu takes no Enter. */
  async clickOnExtension(name: string, title: string, comes: Locator): Promise<void> {
    const row = this.page.locator(".extensions-viewlet .monaco-list-row", { hasText: name }).first();
    const item = this.page.locator(".monaco-menu .action-item").getByText(title, { exact: true });
    await this.land({ selector: ".monaco-list-row", text: name, by: "contextmenu" }, () =>
      row.click({ button: "right" }),
    );
    // A menu that has only just opened takes no click.
    await item.hover();
    await this.page.locator(".monaco-menu .action-item.focused", { hasText: title }).waitFor();
    await item.click();
    await comes.waitFor();
    // The list is drawn anew by what was clicked, which now and then leaves its menu open.
    await this.page.keyboard.press("Escape");
    await item.waitFor({ state: "hidden" });
  }

  /** Once: the menu is opened again only where a tree that was drawn anew took it away before anything was picked. */
  private async pickFrom(row: Locator, text: string, title: string): Promise<void> {
    const item = this.page.locator(".monaco-menu .action-item", { hasText: title }).first();
    const isPicked = async () => {
      await this.land({ selector: ".monaco-list-row", text, by: "contextmenu" }, () => row.click({ button: "right" }));
      // By the keyboard: a menu that has only just opened takes no click.
      await item.hover({ timeout: 5_000 * SLOWER });
      const focused = ".monaco-menu .action-item.focused";
      await this.page.locator(focused, { hasText: title }).waitFor({ timeout: 5_000 * SLOWER });
      const aim: Aim = { selector: focused, text: title, focusIn: ".monaco-menu", by: "keydown" };
      return await landed(this.page, aim, () => this.page.keyboard.press("Enter"));
    };
    for (let tries = MOST_TRIES; ; tries -= 1) {
      const why = await isPicked().then(
        (is) => (is ? undefined : new Error(`The menu of ${text} was shut`)),
        (error: unknown) => error,
      );
      if (why === undefined) return await item.waitFor({ state: "hidden" });
      if (tries === 0) throw why;
      await this.page.keyboard.press("Escape");
    }
  }

  /** Picks from the menu of a row of a tree, as above, and waits for what comes of it. */
  async pickOnRow(section: Section, text: string, title: string, comes: Coming): Promise<void> {
    const row = this.row(section, text);
    const choose = async () => {
      await row.waitFor();
      await waitForRest(this.section(section));
      await this.pickFrom(row, text, title);
    };
    await chooseOfRow(this.page, choose, comes);
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
    const aim = {
      ...{ selector: `${LISTED}.focused`, focusIn: QUICK, by: "keydown" as const },
      ...(text === undefined ? {} : { text }),
    };
    await this.land(aim, async () => {
      // It may be listed only now.
      await question.locator(".monaco-list-row.focused", text === undefined ? {} : { hasText: text }).waitFor();
      await input.press("Enter");
    });
  }

  /** Saves under the name that the editor offers, which it resolves with. */
  async savesAs(name: RegExp): Promise<string> {
    const input = this.page.locator(`${QUICK} input.input`);
    await input.and(this.page.locator(":enabled")).waitFor();
    // While it looks into the folder it takes no Enter.
    await this.page.locator(`${QUICK} .quick-input-progress.done:not(.active)`).waitFor();
    let offered = "";
    while (!name.test(offered)) offered = await input.inputValue();
    await input.press("Enter");
    return offered;
  }

  /** Clicks what is listed under the quick input. */
  async clickListed(text: string): Promise<void> {
    const row = this.page.locator(LISTED, { hasText: text }).first();
    await this.land({ selector: LISTED, text }, () => row.click());
  }

  /** The quick input, once its title says this: one is there for all questions, one after the other. */
  question(title: string): Locator {
    const shown = this.page.locator(".quick-input-title", { hasText: title });
    return this.page.locator(QUICK, { has: shown });
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

  /** A notification, held by the pointer as long as that stays: by itself it goes after ten seconds, whatever is still to be done with it. */
  async holdToast(text: string): Promise<Locator> {
    const toast = this.page.locator(".notification-toast", { hasText: text });
    await toast.hover();
    return toast;
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

  /** Opens what stands beside the editor by its icon. A click on the icon of what is open shuts it, and a window that starts opens by itself what was open. */
  private async openBeside(label: string, view: Locator): Promise<void> {
    const selector = `.activitybar .action-item:not(.checked):has([aria-label^="${label}"])`;
    const shut = this.page.locator(selector).first();
    await view.or(shut).first().waitFor();
    if (!(await view.isVisible())) await landed(this.page, { selector }, () => shut.click());
    await view.waitFor();
  }

  /** Clicks or presses a key, again as often as something else was there by then. */
  private async land(aim: Aim, act: () => Promise<void>): Promise<void> {
    for (let tries = MOST_TRIES; tries > 0; tries -= 1) if (await landed(this.page, aim, act)) return;
    throw new Error(`${aim.label ?? aim.text ?? aim.selector} never stood still`);
  }
}
