import { beforeEach, expect, test } from "vitest";
import { answerPanel } from "../../../src/vscode/chat/editorMethods.ts";
import { mcpCommands } from "../../../src/vscode/mcp/mcpCommands.ts";
import { worktreeCommands } from "../../../src/vscode/sessions/worktreeCommands.ts";
import { browserCommands } from "../../../src/vscode/settings/browserCommands.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { commands, env, openScreen, screen } from "../editor/vscode.ts";

// What a browser must be given as it is: decoded, each means something else.
const URL_OF_ALL = "https://example.com/a%2Fb/c%23d?q=1%2B1&to=%26x%3Dy&back=https%3A%2F%2Fhere%2Fcb#at%2Fend";

let opened: unknown[] = [];

beforeEach(() => {
  opened = [];
  openScreen([
    [/^Push b1/, "Push"],
    [/^b1 is pushed/, "Make a pull request…"],
  ]);
  Object.assign(env, { openExternal: async (given: unknown) => opened.push(given) > 0 });
});

function openWindow() {
  const worktrees = [{ name: "tree", branch: "b1", repository: "/r", state: "ok", uncommitted: 0, atWork: [] }];
  const gateway = createEdgeGateway({
    "mcp.signIn": { url: URL_OF_ALL },
    "worktrees.list": { worktrees },
    "worktrees.push": { remote: "origin", url: URL_OF_ALL },
    browser: { tabs: [{ url: URL_OF_ALL, focused: true }] },
  });
  const parts = { worktrees: { refresh: async () => {} }, chat: { sessionKey: "s_1" } };
  return createEdgeWindow(gateway, parts).window;
}

test.each<[string, () => unknown]>([
  ["a link of the chat", () => answerPanel(openWindow(), "editor.openLink", { url: URL_OF_ALL })],
  ["a sign-in", () => mcpCommands["pincer.signInMcpServer"]!(openWindow(), { server: "files" })],
  ["a pull request", () => worktreeCommands["pincer.pushWorktree"](openWindow(), { worktree: "tree" })],
  [
    "the agent's page",
    () => {
      Object.assign(commands, { getCommands: async () => [] });
      return browserCommands["pincer.openAgentPage"]!(openWindow());
    },
  ],
])("what is opened outside is the address as it is written: %s", async (_, open) => {
  await open();
  expect(opened).toEqual([URL_OF_ALL]);
});

test("so it is in a tab of the editor", async () => {
  Object.assign(commands, { getCommands: async () => ["simpleBrowser.api.open"] });
  await browserCommands["pincer.openAgentPage"]!(openWindow());
  expect(screen.commands).toMatchObject([["simpleBrowser.api.open", URL_OF_ALL, { preserveFocus: true }]]);
  expect(opened).toEqual([]);
});

test("an address is opened as a browser writes it, and what is none is not", async () => {
  const { window } = createEdgeWindow(createEdgeGateway());
  const open = (url: string) => answerPanel(window, "editor.openLink", { url });
  expect(await open(" HTTPS://Example.com/a b?c=ü ")).toEqual({ opened: true });
  expect(await open("mailto:ann@example.com?subject=a%26b")).toEqual({ opened: true });
  expect(opened).toEqual(["https://example.com/a%20b?c=%C3%BC", "mailto:ann@example.com?subject=a%26b"]);
  await expect(open("command:pincer.stopGateway")).rejects.toThrow("Only http, https and mailto links are opened.");
});
