import * as vscode from "vscode";
import { expect, test } from "vitest";
import { FoundProblems } from "../../../src/vscode/knowledge/foundProblems.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";

const signal = new AbortController().signal;

test("a file that no server is known for is not said to be without problems, until something is told of it", async () => {
  const none = { dispose() {} };
  let tell = (_told: { uris: vscode.Uri[] }): void => {};
  const onDidChangeDiagnostics = (listener: typeof tell) => ((tell = listener), none);
  Object.assign(vscode.languages, { onDidChangeDiagnostics, getDiagnostics: () => [] });
  Object.assign(vscode.extensions, { all: [] });
  Object.assign(vscode.workspace, {
    openTextDocument: async (uri: vscode.Uri) => ({ uri, languageId: "toml" }),
    onDidOpenTextDocument: () => none,
    onDidChangeTextDocument: () => none,
    onDidCloseTextDocument: () => none,
  });
  using problems = Object.assign(new FoundProblems(createFakeClock()), {
    [Symbol.dispose]: () => problems.dispose(),
  });
  const path = "/folder/a.toml";
  expect(await problems.check([path], 1000, signal)).toEqual({ problems: [], pending: [], unseen: [path] });
  tell({ uris: [vscode.Uri.file(path)] });
  expect(await problems.check([path], 1000, signal)).toEqual({ problems: [], pending: [], unseen: [] });
});
