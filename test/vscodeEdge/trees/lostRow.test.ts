import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { demandRow, rowCommands } from "../../../src/vscode/trees/lostRow.ts";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  contributes: { menus: Record<string, { command: string }[]>; keybindings: { command: string; args?: unknown }[] };
};

test("a row's command that has lost its row says so, and does nothing to what is selected", () => {
  // As the editor calls from a menu whose tree is drawn anew: the row, and all that are selected where there are several.
  for (const args of [[undefined], [undefined, undefined], [undefined, [{ key: "a" }, { key: "b" }]]])
    expect(() => demandRow(args)).toThrow(/drawn anew just then, so nothing was done/);
  for (const args of [[], [{ key: "a" }], ["a"], [[{ $treeViewId: "x" }]]]) demandRow(args);
});

test("the commands of rows are those of the menus", () => {
  const found = rowCommands(manifest);
  for (const id of ["deleteSession", "stopSession", "removeJob", "runJob", "removeWorktree", "compareSubagents"])
    expect(found).toContain(`pincer.${id}`);
  expect(found).not.toContain("pincer.newSession");
  // The head of a view hands over nothing: there it is no row that was lost.
  const { menus } = manifest.contributes;
  expect(menus["view/title"]!.filter(({ command }) => found.has(command))).toEqual([]);
  // And a key that hands over nothing has no argument.
  expect(rowCommands({})).toEqual(new Set());
});
