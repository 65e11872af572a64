import { expect, test } from "vitest";
import { readTerminalSelection, TerminalOutput } from "../../../src/vscode/context/terminalOutput.ts";
import { quiet } from "../editor/edge.ts";
import { commands, env, EventEmitter, openScreen, window } from "../editor/vscode.ts";

/** Terminals that are all called "bash", and the commands that they run. */
function openTerminals() {
  openScreen();
  const [started, ended] = [new EventEmitter<object>(), new EventEmitter<object>()];
  Object.assign(window, {
    onDidStartTerminalShellExecution: started.event,
    onDidEndTerminalShellExecution: ended.event,
  });
  const output = new TerminalOutput(quiet);
  const start = (command: string) => {
    const about = { terminal: { name: "bash" }, execution: { commandLine: { value: command }, async *read() {} } };
    started.fire(about);
    return (exitCode: number) => ended.fire({ ...about, exitCode });
  };
  return { output, start };
}

test("a command still runs when another ends in a terminal of the same name", () => {
  const { output, start } = openTerminals();
  const endTest = start("npm test");
  const endServer = start("npm run serve");
  endTest(1);
  expect(output.read()).toBe("$ npm run serve\n[it still runs]");
  endServer(0);
  expect(output.read()).toBe("$ npm run serve\n[exit 0]");
});

test.each([
  ["a picture", "", "", undefined],
  ["words", "mine", "", undefined],
  ["words, and a selection", "mine", "npm ERR!", "npm ERR!"],
  ["words that are selected too", "npm ERR!", "npm ERR!", "npm ERR!"],
])("the clipboard is left as it was, with %s in it", async (_what, text, selection, given) => {
  openScreen();
  const board = { text, writes: 0 };
  const writeText = async (next: string) => void Object.assign(board, { text: next, writes: board.writes + 1 });
  Object.assign(env, { clipboard: { readText: async () => board.text, writeText } });
  Object.assign(commands, {
    executeCommand: async () => {
      if (selection !== "") board.text = selection;
    },
  });
  expect(await readTerminalSelection()).toBe(given);
  expect(board.text).toBe(text);
  // Text that is written takes the place of a picture.
  if (text === "") expect(board.writes).toBe(0);
});
