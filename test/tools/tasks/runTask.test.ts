import { expect, test } from "vitest";
import { backgroundCommands } from "../../../src/tools/shell/backgroundCommands.ts";
import { exec, runTask } from "../../../src/tools/index.ts";
import { askOf, call, tempFolder, toolContext } from "../toolContext.ts";

const file = (...tasks: object[]) => ({ ".vscode/tasks.json": JSON.stringify({ tasks }) });
const shell = (label: string, command: string, more: object = {}) => ({ label, type: "shell", command, ...more });

test("a task that fails gives its output and exit code, and the exact command was shown", async () => {
  const workspace = tempFolder(file(shell("check", "echo looked; exit 3")));
  const context = toolContext(workspace);
  const ask = await askOf(runTask, { task: "check" }, context);
  expect(ask).toMatchObject({
    summary: "run echo looked; exit 3",
    subject: { type: "command", command: "echo looked; exit 3", cwd: workspace },
    effects: [{ kind: "run", place: "echo looked; exit 3" }],
  });
  expect(await call(runTask, { task: "check" }, context)).toEqual({
    text: "Task check: echo looked; exit 3\nlooked\n[exit code 3]",
    isError: true,
  });
});

test("one that runs in the background is started there, and found by exec", async () => {
  const workspace = tempFolder(file(shell("watch", "echo up; exec sleep 60", { isBackground: true })));
  try {
    const context = toolContext(workspace);
    const { text } = await call(runTask, { task: "watch" }, context);
    expect(text).toMatch(/^Task watch: echo up; exec sleep 60\nbg\d+ \(.*\) runs, pid \d+\n/);
    const id = /\n(bg\d+) /.exec(text)![1]!;
    await expect.poll(async () => (await call(exec, { id }, context)).text).toMatch(/runs, pid \d+\nup$/);
  } finally {
    await backgroundCommands.stop();
  }
});

test("without a name the tasks are listed, with what each runs or what keeps it from running", async () => {
  const workspace = tempFolder(
    file(shell("a", "make"), shell("b", "x ${input:y}"), shell("w", "z", { isBackground: true })),
  );
  const { text } = await call(runTask, {}, toolContext(workspace));
  expect(text).toMatch(
    /^a: make\nb: \[The task b cannot be run from here: it needs \$\{input:y\}.*\]\nw \(in the background\): z$/,
  );
});

test.each<[string, Record<string, string>, object, string]>([
  ["no file", {}, { task: "a" }, "There is no .vscode/tasks.json here"],
  ["no such task", file(shell("a", "x")), { task: "b" }, "There is no task b; there are: a"],
  ["two of one name", file(shell("a", "x"), shell("a", "y")), { task: "a" }, "has 2 tasks a"],
])("%s is said", async (_, files, input, message) => {
  await expect(call(runTask, input, toolContext(tempFolder(files)))).rejects.toThrow(message);
});
