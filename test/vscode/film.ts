import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../steps/process.mjs";
import { startEditor } from "./editor.ts";

// Usage: node test/vscode/film.ts: one message in a real VS Code, from the failing test to the change that mends it, as
// pictures in out/film and `frames.txt` with how long each is shown, in hundredths of a second. README's film is made of them:
// convert $(sed 's/\(.*\) \(.*\)/-delay \2 out\/film\/\1/' out/film/frames.txt) -resize 1000x -colors 96 -layers optimize media/film.gif

const TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { total } from "./total.mjs";

test("ten per cent off from 100 on", () => {
  assert.equal(total([60, 60]), 108);
});
`;
const CODE = `/** The sum of an order, with ten per cent off from 100 on. */
export function total(prices) {
  const sum = prices.reduce((all, price) => all + price, 0);
  return sum >= 100 ? sum * 1.1 : sum;
}
`;

const folder = path.join(root, "out", "film");
mkdirSync(folder, { recursive: true });
const editor = await startEditor({ files: { "total.mjs": CODE, "total.test.mjs": TEST } });
const frames: string[] = [];
try {
  const window = await editor.open();
  await window.page.setViewportSize({ width: 1280, height: 760 });
  const show = async (hundredths: number) => {
    const name = `${String(frames.length).padStart(2, "0")}.png`;
    await window.page.screenshot({ path: path.join(folder, name) });
    frames.push(`${name} ${hundredths}`);
  };
  await window.waitForStatus("Pincer: running");
  await window.openFile("total.mjs");
  const panel = await window.openChat();
  // A wider panel, by the line beside it.
  await window.page.mouse.move(982, 300);
  await window.page.mouse.down();
  await window.page.mouse.move(860, 300, { steps: 10 });
  await window.page.mouse.up();
  await window.page.mouse.move(600, 600);
  const input = panel.locator("textarea").first();
  await show(120);
  const message = "The test of total() fails. Find out why, and mend it.";
  for (const end of [10, 22, 34, 46, message.length]) {
    await input.fill(message.slice(0, end));
    await show(20);
  }

  const test = { name: "exec", input: { command: "node --test total.test.mjs" } };
  const line = { oldText: "sum * 1.1", newText: "sum * 0.9" };
  editor.model.next(
    { text: "I run the test first.", toolCalls: [test] },
    {
      text: "It adds ten per cent instead of taking them off.",
      toolCalls: [{ name: "read", input: { path: "total.mjs" } }],
    },
    { toolCalls: [{ name: "edit", input: { path: "total.mjs", ...line } }] },
    { text: "Now the test again.", toolCalls: [test] },
    {
      text: "It passes. From 100 on `total()` multiplied by `1.1`, which adds ten per cent; by `0.9` it takes them off, as the test and the comment say.",
      chunks: 6,
      delayMs: 500,
    },
  );
  await input.press("Enter");
  const card = panel.locator("section.approval");
  const answer = async (button: RegExp) => {
    await card.waitFor();
    await show(220);
    await card.getByRole("button", { name: button }).first().click();
    await card.waitFor({ state: "detached" });
    await show(60);
  };
  await answer(/^Allow for this session/);
  await answer(/^Allow once/);
  for (let part = 0; part < 4; part++) {
    await window.page.waitForTimeout(600);
    await show(30);
  }
  await panel.locator(".assistant", { hasText: "as the test and the comment say" }).waitFor();
  await window.waitForStatus("Pincer: running");
  await window.page.mouse.move(600, 600);
  await show(400);
} finally {
  writeFileSync(path.join(folder, "frames.txt"), `${frames.join("\n")}\n`);
  await editor.close();
}
