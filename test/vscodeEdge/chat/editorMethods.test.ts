import { expect, test } from "vitest";
import { answerPanel } from "../../../src/vscode/chat/editorMethods.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

test("what is typed behind a slash is done for the session of the chat, and takes nothing else from the page", async () => {
  openScreen();
  const gateway = createEdgeGateway({ "checkpoints.list": { checkpoints: [] } });
  const { window } = createEdgeWindow(gateway, { chat: { sessionKey: "s_1" } });
  await answerPanel(window, "editor.compact", { sessionKey: "s_1" });
  expect(screen.commands).toEqual([["pincer.compactSession", "s_1"]]);
  await answerPanel(window, "editor.undoRun", {});
  expect(gateway.calls).toEqual([["checkpoints.list", { sessionKey: "s_1" }]]);
  await expect(answerPanel(window, "editor.undoRun", { sessionKey: "other" })).rejects.toThrow("does not take");
  await expect(answerPanel(window, "editor.compact", {})).rejects.toThrow("does not take");
});
