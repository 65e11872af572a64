import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, openPage } from "../browser.ts";
import { EditorWindow } from "../editorWindow.ts";

// What drives the editor, over a page that behaves as badly as an editor may on a slow machine.

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(() => browser.close());

async function openWindow(script: string): Promise<EditorWindow> {
  const page = await openPage(await browser.newContext());
  await page.setContent(`
    <div class="split-view-view"><div class="pane">
      <div class="pane-header" aria-label="Sessions Section">Sessions</div>
      <div class="monaco-list" tabindex="0"><div class="monaco-list-row">Rake</div><div class="monaco-list-row">Main</div></div>
    </div></div>
    <script>
      const done = [];
      const rows = [...document.querySelectorAll(".monaco-list-row")];
      const list = document.querySelector(".monaco-list");
      const tell = (text) => document.body.insertAdjacentHTML("beforeend", "<output>" + text + "</output>");
      ${script}
    </script>`);
  return new EditorWindow(page);
}

const doneIn = ({ page }: EditorWindow) => page.evaluate("done");

test("a click lands on the row that was meant, where its element is another row's once the pointer is there", async () => {
  const window = await openWindow(`
    list.addEventListener("mouseover", () => rows.forEach((row, at) => (row.textContent = ["Main", "Rake"][at])), { once: true });
    for (const row of rows) row.addEventListener("click", () => {
      row.classList.add("selected");
      done.push(row.textContent);
    });`);
  await window.clickRow("Sessions", "Main");
  expect(await doneIn(window)).toEqual(["Main"]);
});

test("what is picked from a menu that goes away first is picked once, of the next, and nothing else hears the key", async () => {
  const window = await openWindow(`
    let opened = 0;
    list.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") document.querySelector(".monaco-menu")?.remove();
      else done.push("a key for the list");
    });
    list.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      list.focus();
      opened += 1;
      const menu = document.createElement("div");
      menu.className = "monaco-menu";
      menu.innerHTML = '<div class="action-item" tabindex="0">Rename…</div>';
      const [item] = menu.children;
      item.addEventListener("mouseover", () => (item.classList.add("focused"), item.focus()));
      item.addEventListener("keydown", (event) => (done.push("renamed"), event.stopPropagation(), menu.remove(), tell("renamed")));
      document.body.append(menu);
      const shut = () => item.classList.contains("focused") ? list.focus() : requestAnimationFrame(shut);
      if (opened === 1) shut();
    });`);
  await window.pickOnRow("Sessions", "Main", "Rename…", window.page.locator("output", { hasText: "renamed" }));
  expect(await doneIn(window)).toEqual(["renamed"]);
});

test("what was chosen while a tree was drawn anew is chosen once more, and only where that is said", async () => {
  const window = await openWindow(`
    const lost = '<div class="notification-toast">Nothing was done. Choose it once more.<a class="codicon-notifications-clear">x</a></div>';
    list.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      document.body.insertAdjacentHTML("beforeend", '<div class="monaco-menu"><div class="action-item" tabindex="0">Rename…</div></div>');
      const item = document.querySelector(".action-item");
      item.addEventListener("mouseover", () => (item.classList.add("focused"), item.focus()));
      item.addEventListener("keydown", () => {
        item.parentElement.remove();
        done.push("chosen");
        if (done.length > 1) return tell("renamed");
        document.body.insertAdjacentHTML("beforeend", lost);
        const toast = document.querySelector(".notification-toast");
        toast.lastElementChild.addEventListener("click", () => (toast.remove(), done.push("cleared")));
      });
    });`);
  await window.pickOnRow("Sessions", "Main", "Rename…", window.page.locator("output", { hasText: "renamed" }));
  expect(await doneIn(window)).toEqual(["chosen", "cleared", "chosen"]);
});

test("a row is clicked once its tree is at rest: it asks for no rows any more, and draws none", async () => {
  const window = await openWindow(`
    list.insertAdjacentHTML("beforebegin", '<div class="monaco-progress-container active"></div>');
    const bar = document.querySelector(".monaco-progress-container");
    let frames = 0;
    const draw = () => {
      frames += 1;
      if (frames === 20) bar.classList.remove("active");
      if (frames > 20) rows[1].dataset.drawn = frames;
      if (frames < 40) return requestAnimationFrame(draw);
      done.push("drawn");
    };
    draw();
    for (const row of rows) row.addEventListener("click", () => (row.classList.add("selected"), done.push(row.textContent)));`);
  await window.clickRow("Sessions", "Main");
  expect(await doneIn(window)).toEqual(["drawn", "Main"]);
});

test("a command is found that was not there yet when the palette was opened: what is open keeps to the commands it began with", async () => {
  const window = await openWindow(`
    const known = ["View: Close"];
    document.body.insertAdjacentHTML("beforeend", '<div class="quick-input-widget" hidden><input class="input"><div></div></div>');
    const palette = document.querySelector(".quick-input-widget");
    const [input, listed] = palette.children;
    let commands = [];
    const draw = () => {
      const found = commands.filter((label) => label.includes(input.value.slice(1)));
      listed.innerHTML = found.map((label) => '<div class="monaco-list-row" aria-label="' + label + '">' + label + "</div>").join("");
      for (const row of listed.children) row.onclick = () => (done.push(row.textContent), (palette.hidden = true));
      known[1] = "Pincer: Open chat";
    };
    input.addEventListener("input", draw);
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") palette.hidden = true;
      if (key !== "F1") return;
      if (palette.hidden) commands = [...known];
      palette.hidden = false;
      input.value = ">";
      input.focus();
      draw();
    });`);
  await window.runCommand("Pincer: Open chat");
  expect(await doneIn(window)).toEqual(["Pincer: Open chat"]);
});
