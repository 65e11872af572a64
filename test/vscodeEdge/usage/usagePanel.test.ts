import { expect, onTestFinished, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import type { UsageEntry } from "../../../src/vscode/pages/usageSums.ts";
import { showUsage } from "../../../src/vscode/usage/usagePanel.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, Uri } from "../editor/vscode.ts";

const used = (sessionKey: string): UsageEntry => ({
  ...{ day: new Date().toISOString().slice(0, 10), sessionKey, model: "a/large", requests: 1, inputTokens: 100 },
  ...{ outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0.5, unpriced: 0 },
});

test("a session that is not among the newest is called by its title, and only one that is gone deleted", async () => {
  const screen = openScreen();
  const gateway = createEdgeGateway({
    "usage.cost": { rows: ["new", "old", "gone"].map(used) },
    "sessions.list": { sessions: [{ key: "new", kind: "chat", title: "Newest" }], nextCursor: "more" },
    "session.status": ({ sessionKey }: { sessionKey: string }) => {
      if (sessionKey !== "old") throw new AppError("not_found", `There is no session ${sessionKey}`);
      return { sessionKey, kind: "chat", title: "Long ago" };
    },
  });
  const { window } = createEdgeWindow(gateway, { context: { extensionUri: Uri.file("/pincer") } });
  await showUsage(window);
  const [page] = screen.pages as unknown as { webview: { html: string }; dispose(): void }[];
  onTestFinished(() => page!.dispose());
  const rows = [...page!.webview.html.matchAll(/<th scope="row" title="([^"]*)">([^<]*)<\/th>/g)];
  expect(rows.map(([, key, name]) => [key, name]).slice(1, 4)).toEqual([
    ["new", "Newest"],
    ["old", "Long ago"],
    ["gone", "gone (deleted)"],
  ]);
});
