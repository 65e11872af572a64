import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Session } from "../../../src/protocol/session.ts";
import type { Command } from "../../../src/vscode/host/command.ts";
import { jobCommands } from "../../../src/vscode/jobs/jobCommands.ts";
import { showJob } from "../../../src/vscode/jobs/jobPanel.ts";
import { sessionCommands } from "../../../src/vscode/sessions/sessionCommands.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  contributes: { keybindings: { command: string; when: string; args?: unknown }[] };
};

/** A window whose trees have a selected row, which by now has the focus as well. */
function openWindow() {
  openScreen();
  const focused = async () => ({ key: "main", id: "main" });
  const rows = new Map(["main", "a", "b"].map((key) => [key, { key, title: `Bed ${key}` } as Session]));
  const sessions = { rows, selection: [{ key: "main" }], focused };
  const cron = { focused, job: ({ id }: { id: string }) => ({ id, name: `Job ${id}` }) };
  return createEdgeWindow(createEdgeGateway(), { sessions, cron }).window;
}

test.each([
  ["a session's row", sessionCommands["pincer.deleteSession"]!, [{ key: "a" }], "Delete the session “Bed a”?"],
  ["a job's row", jobCommands["pincer.removeJob"]!, { id: "a" }, "Delete the job “Job a”?"],
  // An editor that does not name the row is asked which one it is.
  [
    "no session's row",
    sessionCommands["pincer.deleteSession"]!,
    [{ $treeViewId: "x" }],
    "Delete the session “Bed main”?",
  ],
  ["no job's row", jobCommands["pincer.removeJob"]!, { $treeViewId: "x" }, "Delete the job “Job main”?"],
])("a key that was pressed on %s means it, wherever the focus is by now", async (_, command, pressed, question) => {
  await command(openWindow(), pressed);
  expect(screen.asked.map(({ text }) => text)).toEqual([question]);
});

test.each([
  // As the editor hands over the row that has the focus, whatever a button in the view's head is for.
  ["the view's head means all jobs", "pincer.showFirings", { count: 100 }],
  ["a row's menu means its job", "pincer.showJobFirings", { count: 100, id: "a" }],
] as const)("when jobs fire: %s", async (_, command, asked) => {
  const gateway = createEdgeGateway({ "cron.next": { firings: [], waiting: [] } });
  openScreen();
  const shown: string[] = [];
  const cron = { job: ({ id }: { id: string }) => ({ id, name: `Job ${id}` }) };
  const documents = { openText: async (name: string) => void shown.push(name) };
  await jobCommands[command]!(createEdgeWindow(gateway, { cron, documents }).window, { id: "a" });
  expect(gateway.calls).toEqual([["cron.next", asked]]);
  expect(shown).toEqual(["When jobs fire.md"]);
});

test.each<[string, Command]>([
  ["pincer.showJob", showJob],
  ["pincer.rehearseJob", jobCommands["pincer.rehearseJob"]],
  ["pincer.showRunReport", jobCommands["pincer.showRunReport"]],
])("from the palette nothing is toggled in whichever list had the focus last: %s", async (_, command) => {
  openScreen();
  const gateway = createEdgeGateway({ "cron.list": { jobs: [] }, "runs.list": { runs: [] } });
  let isAsked = false;
  const focused = async () => void (isAsked = true);
  const cron = { focused, selection: [], job: () => undefined };
  await command(createEdgeWindow(gateway, { cron }).window, undefined);
  expect(isAsked).toBe(false);
  expect(screen.asked.map(({ kind }) => kind)).toEqual(["pick"]);
});

test("from the palette the job that is selected in the tree is meant", async () => {
  openScreen();
  const gateway = createEdgeGateway({ "runs.report": { markdown: "# Report" } });
  const cron = { selection: [{ fired: { runId: "r_1" } }] };
  const documents = { openText: async () => {} };
  await jobCommands["pincer.showRunReport"](createEdgeWindow(gateway, { cron, documents }).window, undefined);
  expect(gateway.calls).toEqual([["runs.report", { runId: "r_1" }]]);
});

test("with the focused row a key means all that are selected, where it is one of them", async () => {
  const window = openWindow();
  Object.assign(window.sessions, { selection: [{ key: "b" }, { key: "a" }] });
  await sessionCommands["pincer.deleteSession"]!(window, [{ key: "a" }]);
  expect(screen.asked).toMatchObject([{ text: "Delete 2 sessions?", detail: expect.stringContaining("Bed b\nBed a") }]);
});

test("each key of a tree hands over the row that has the focus", () => {
  const ofTrees = manifest.contributes.keybindings.filter(({ when }) => when.includes("listFocus"));
  expect(ofTrees.length).toBeGreaterThan(3);
  for (const { when, args } of ofTrees) {
    const [, view] = /focusedView == (\S+)/.exec(when)!;
    expect([args].flat()).toEqual([{ $treeViewId: view, $focusedTreeItem: true }]);
  }
});
