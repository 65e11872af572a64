import { expect, test } from "vitest";
import type { Dialect } from "../../../src/shell/shellLine.ts";
import { readTasks } from "../../../src/tools/tasks/taskFile.ts";
import { taskLine } from "../../../src/tools/tasks/taskLine.ts";

const place = { workspace: "/w/shop", dialect: "posix" as Dialect, env: { HOME: "/home/me" } };

/** The line of the first task that is given, as a tasks.json holds it. */
function line(tasks: object[] | object, own: Partial<typeof place> = {}, more: object = {}): string {
  const all = Array.isArray(tasks) ? tasks : [tasks];
  const named = all.map((task, at) => ({ label: "abc"[at], ...task }));
  const read = readTasks(JSON.stringify({ version: "2.0.0", ...more, tasks: named }), "linux");
  return taskLine(read[0]!, read, { ...place, ...own });
}

const shell = (command: string, more: object = {}) => ({ type: "shell", command, ...more });

test.each<[string, object | object[], string]>([
  ["a shell's line", shell("npm run build && echo done"), "npm run build && echo done"],
  [
    "its words",
    shell("node", { args: ["a.mjs", "two words", "$HOME", { value: "it's", quoting: "strong" }] }),
    "node a.mjs 'two words' $HOME 'it'\\''s'",
  ],
  [
    "a program",
    { type: "process", command: "/opt/my tool", args: ["--x=1", "$HOME", ""] },
    "'/opt/my tool' --x=1 '$HOME' ''",
  ],
  ["a script of npm", { type: "npm", script: "test:unit" }, "npm run test:unit"],
  ["of npm in a folder", { type: "npm", script: "build", path: "web" }, "cd 'web' && npm run build"],
  [
    "a folder and variables",
    shell("make", { options: { cwd: "${workspaceFolder}/src", env: { A: "x'y" } } }),
    "cd 'src' && export A='x'\\''y' && make",
  ],
  ["a folder elsewhere", shell("make", { options: { cwd: "/opt" } }), "cd '/opt' && make"],
  ["its own folder", shell("make", { options: { cwd: "${workspaceFolder}" } }), "make"],
  ["variables", shell("${workspaceFolderBasename} ${env:HOME}${env:NONE}"), "shop /home/me"],
  ["this platform's", shell("x", { linux: { command: "y" }, windows: { command: "z" } }), "y"],
  [
    "what it depends on",
    [shell("a", { dependsOn: ["b", "c"] }), shell("b"), { type: "npm", script: "c" }],
    "(b) && (npm run c) && (a)",
  ],
  ["others alone", [{ dependsOn: "b" }, shell("b")], "b"],
])("%s", (_, tasks, expected) => {
  expect(line(tasks)).toBe(expected);
});

test("what a file says of all its tasks counts where they say nothing", () => {
  expect(line(shell("x", { options: { env: { B: "2" } } }), {}, { options: { env: { A: "1", B: "1" } } })).toBe(
    "export A='1' && export B='2' && x",
  );
});

test.each<[Dialect, string]>([
  ["powershell", "cd 'src'; $env:A = '1'; & 'my tool' 'b c'"],
  ["cmd", 'cd "src" && set "A=1" && "my tool" "b c"'],
])("for %s it is written as that reads it", (dialect, expected) => {
  const task = { type: "process", command: "my tool", args: ["b c"], options: { cwd: "/w/shop/src", env: { A: "1" } } };
  expect(line(task, { dialect })).toBe(expected);
});

test.each<[object | object[], string]>([
  [shell("deploy ${input:target}"), "it needs ${input:target}, which only somebody at the editor can give"],
  [{ type: "gulp", task: "x" }, "only an extension knows what a task of type gulp runs"],
  [shell("x", { options: { shell: { executable: "/tmp/sh" } } }), "it names a shell of its own"],
  [shell("x", { options: { env: { "A=1;rm": "" } } }), '"A=1;rm" is no name of a variable'],
  [[shell("x", { dependsOn: "b" }), shell("y", { dependsOn: "a" })], "it depends on itself, by a, b"],
  [shell("x", { dependsOn: "nobody" }), "it depends on nobody, which is not there"],
  [
    [shell("x", { dependsOn: "b" }), shell("watch", { isBackground: true })],
    "it depends on b, which runs in the background; start that first",
  ],
  [{ type: "shell" }, "it has no command"],
  [shell("x", { args: [7] }), "7 is no word of a command"],
])("%j is refused: %s", (tasks, why) => {
  expect(() => line(tasks)).toThrow(why);
});

test("comments, commas too many and no tasks at all are read; what is no JSON is said", () => {
  expect(
    readTasks('\uFEFF{ // all\n "tasks": [ { "label": "a//b", "type": "shell", "command": "x", }, ], /* end */ }'),
  ).toHaveLength(1);
  expect(readTasks("[]")).toEqual([]);
  expect(() => readTasks("{")).toThrow("tasks.json is not JSON: ");
});
