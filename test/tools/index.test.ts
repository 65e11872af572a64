import * as z from "zod";
import { expect, test } from "vitest";
import { toSpec } from "../../src/core/runs/calls/toolbox.ts";
import type { Machine } from "../../src/base/findProgram.ts";
import { findShell, systemShell } from "../../src/processes/systemShell.ts";
import type { Tool } from "../../src/core/ports/tool.ts";
import * as tools from "../../src/tools/index.ts";

const windows: Omit<Machine, "isProgram"> = { platform: "win32", env: {} };

const all: Tool[] = Object.values(tools);

test("the tools and their arguments are the ones that scripts know", () => {
  const shown = all
    .map((tool) => {
      const schema = z.toJSONSchema(tool.input) as { properties: object; required?: string[] };
      const names = Object.keys(schema.properties).map((name) => (schema.required?.includes(name) ? name : `${name}?`));
      return `${tool.name} {${names.join(", ")}} ${tool.effect}`;
    })
    .sort();
  expect(shown).toEqual([
    "apply_patch {patch} write",
    "browser {action, kind?, url?, ref?, role?, name?, endRef?, text?, textGone?, fields?, submit?, key?, values?, doubleClick?, script?, state?, timeMs?, targetId?, offset?, fullPage?, accept?, paths?, device?, width?, height?} network",
    "code {action, path?, symbol?, line?} read",
    "cron {action, job?, jobId?, id?, patch?} write",
    "edit {path, oldText, newText, replaceAll?} write",
    "exec {command?, timeoutSeconds?, background?, id?, stop?, input?, offset?, access?, hosts?} exec",
    "find {pattern, path?, limit?} read",
    "grep {pattern, path?, glob?, ignoreCase?, context?, limit?} read",
    "list {path?, depth?} read",
    "memory {action, where?, file?, text?, oldText?} write",
    "read {path, offset?, limit?, column?} read",
    "refactor {action, path, symbol?, line?, newName?} write",
    "run_task {task?, background?, timeoutSeconds?, access?} exec",
    "session_status {sessionKey?} read",
    "sessions_cancel {sessionKey, tree?} write",
    "sessions_history {sessionKey, limit?, includeTools?} read",
    "sessions_list {kinds?, search?, limit?, messageLimit?} read",
    "sessions_send {sessionKey, message, timeoutSeconds?} write",
    "sessions_spawn {task, label?, model?, runTimeoutSeconds?, agent?, worktree?, detached?, grants?, outputSchema?} write",
    "sessions_steer {sessionKey, message} write",
    "sessions_wait {sessionKeys?, any?, timeoutSeconds?} read",
    "skill {name, file?, offset?} read",
    "todo {items} read",
    "web_fetch {url, maxChars?} network",
    "write {path, content} write",
  ]);
});

test("what the model is told of all tools stays small", () => {
  const told = (tools: Tool[]) => JSON.stringify(tools.map(toSpec));
  // "skill" is told only where there are skills.
  const specs = told(all.filter(({ name, needsEditor }) => name !== "skill" && !needsEditor));
  const names = [systemShell, findShell({ ...windows, isProgram: (path) => path.endsWith("powershell.exe") })];
  const [here, longest] = names.map(({ name }) => name);
  // The diagnostics come on top, and all of it shares 3,000 tokens with the prompt. The same everywhere: a shell's name is in it.
  // Some 250 of it are for notes that are searched, changed and removed, and kept for the user as well as for a folder.
  expect(specs).toContain(`Run a command in ${here},`);
  // Some 130 are for commands that are given input, waited for, and read on in.
  // Some 40 say that documents are read, and that their pages are what is counted.
  expect(specs.replace(here!, longest!).length).toBeLessThan(8520);
  // What an editor's language servers know, and its tasks, where there is one: some 290 tokens, which one `definition` in place of
  // a search through files pays for. Eight questions in three tools, and without an editor none; "hi" has some 2,550 tokens then.
  expect(told(all.filter(({ needsEditor }) => needsEditor)).length).toBeLessThan(1150);
});
