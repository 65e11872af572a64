import { expect, test } from "vitest";
import { showRules } from "../../../src/vscode/choices/showRules.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

test("a session's rule opens the session, with the keyboard in the chat", async () => {
  openScreen();
  const rule = { allow: "edit", path: "garden/**" };
  const gateway = createEdgeGateway({
    "rules.list": { rules: [{ from: "session", rule, words: "edit garden/**", sessionKey: "s-1", last: null }] },
  });
  const opened: string[] = [];
  const chat = { show: async (key: string) => void opened.push(key) };
  const { window } = createEdgeWindow(gateway, { chat, sessions: { rows: new Map() } });
  const shown = showRules(window);
  await expect.poll(() => screen.boxes[0]?.items.length).toBe(2);
  const box = screen.boxes[0]!;
  box.selectedItems = box.items.slice(-1);
  box.accept();
  await shown;
  expect(opened).toEqual(["s-1"]);
});
