import { expect, test } from "vitest";
import { compareSubagents } from "../../../src/vscode/sessions/compareSubagents.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen } from "../editor/vscode.ts";

test("how each ended is said in words", async () => {
  openScreen();
  const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };
  const subagent = (type: string) => ({
    ...{ key: type, kind: "isolated", title: type, state: "idle", model: type, depth: 1, usage },
    run: { outcome: { type, reply: "" }, startedAt: null, finishedAt: null },
  });
  const gateway = createEdgeGateway({
    "subagents.list": { subagents: ["timed_out", "cancelled", "done"].map(subagent) },
    "worktrees.list": { worktrees: [] },
    "sessions.history": { messages: [] },
  });
  let page = "";
  const documents = { openPage: async (_name: string, markdown: string) => void (page = markdown) };
  const { window } = createEdgeWindow(gateway, { documents, sessions: { rows: new Map() } });
  await compareSubagents(window, { key: "main" });
  expect(page).toMatch(/^\| State +\| done +\| stopped +\| out of time +\|$/m);
});
