import type { EditorWindow } from "./editorWindow.ts";

/** Opens a file with one problem, and picks what the editor's lightbulb offers on it. */
export async function pickOnProblem(window: EditorWindow, file: string, title: string): Promise<void> {
  const { page } = window;
  await window.openFile(file);
  await page.locator(".squiggly-error").first().waitFor();
  // Each key is meant for what the one before has led to.
  const problem = page.locator(".marker-widget");
  await page.keyboard.press("F8");
  await problem.waitFor();
  await page.keyboard.press("Escape");
  await problem.waitFor({ state: "hidden" });
  // By a click: it shows what the editor has found, and does not look anew.
  await page.locator(".lightBulbWidget").click();
  await page.locator(".action-widget .monaco-list-row", { hasText: title }).first().click();
}
