import { expect, test } from "vitest";
import { TerminalOutput } from "../../../src/vscode/context/terminalOutput.ts";
import { quiet } from "../editor/edge.ts";
import { EventEmitter, openScreen, window } from "../editor/vscode.ts";

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
