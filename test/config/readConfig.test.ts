import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findConfig } from "../../src/config/findConfig.ts";
import { formatProblem } from "../../src/config/configProblem.ts";
import { readConfig } from "../../src/config/readConfig.ts";
import { defaultConfig } from "../../src/config/configSchema.ts";
import { posixTest } from "../posix.ts";

let folder: string;
let stateDir: string;
let workspace: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pincer-read-"));
  stateDir = join(folder, "state");
  workspace = join(folder, "work");
  mkdirSync(stateDir);
  mkdirSync(workspace);
});
afterEach(() => rmSync(folder, { recursive: true }));

test("looks at --config, else the state folder, and at the workspace's beneath it", () => {
  const own = join(workspace, "openclaw.yml");
  expect(findConfig({ stateDir, workspaces: [workspace] })).toEqual({ user: join(stateDir, "openclaw.yml") });
  writeFileSync(own, "");
  writeFileSync(join(stateDir, "openclaw.yaml"), "");
  expect(findConfig({ stateDir, workspaces: ["/nowhere", workspace] })).toEqual({
    user: join(stateDir, "openclaw.yaml"),
    workspace: own,
  });
  expect(findConfig({ file: own, stateDir, workspaces: [workspace] })).toEqual({ user: own });
});

test("means the defaults where there is no file", () => {
  const files = findConfig({ stateDir });
  expect(readConfig(files, { env: {} })).toEqual({
    ...{ config: defaultConfig(), user: defaultConfig() },
    ...{ broken: [], declared: [], problems: [] },
  });
});

test("knows the user's providers in the workspace's file, and names the file that is wrong", () => {
  writeFileSync(
    join(stateDir, "openclaw.yml"),
    'providers: { local: { api: openai-chat, baseUrl: "http://127.0.0.1:1/v1" } }',
  );
  writeFileSync(join(workspace, "openclaw.yml"), "model: local/qwen3");
  const files = findConfig({ stateDir, workspaces: [workspace] });
  expect(readConfig(files, { env: {} }).config?.model).toBe("local/qwen3");
  writeFileSync(join(workspace, "openclaw.yml"), "model: lokal/qwen3");
  const reading = readConfig(files, { env: {} });
  expect(reading.broken).toEqual([files.workspace]);
  expect(reading.config?.model).toBeUndefined();
  expect(reading.problems.map(formatProblem)).toEqual([
    `${join(workspace, "openclaw.yml")}:1:1: error: model: No provider is named "lokal"; did you mean "local/qwen3"?`,
  ]);
});

posixTest("takes a link that leads nowhere for no file that is not there: what it denies would be allowed", () => {
  for (const name of ["openclaw.yaml", "openclaw.yml"]) {
    const path = join(stateDir, name);
    symlinkSync("/away/openclaw.yml", path);
    const { config, problems } = readConfig(findConfig({ stateDir }), { env: {} });
    expect(config).toBeUndefined();
    expect(problems.map(({ message }) => message)).toEqual([
      `${path} is a link to /away/openclaw.yml, which is not there`,
    ]);
    rmSync(path);
  }
});

test("says so when a file cannot be read", () => {
  mkdirSync(join(stateDir, "openclaw.yml"));
  const { config, problems } = readConfig(findConfig({ stateDir }), { env: {} });
  expect(config).toBeUndefined();
  expect(problems.map((problem) => problem.message)).toEqual(["The file cannot be read (EISDIR)"]);
});

test("of further folders' files all that narrows holds, and what does not is named", () => {
  writeFileSync(join(stateDir, "openclaw.yml"), "agent: { approvals: ask, modelBudgets: { openai/b: { dayUsd: 2 } } }");
  const other = join(folder, "other");
  mkdirSync(other);
  writeFileSync(join(workspace, "openclaw.yml"), "agent: { maxSteps: 9, rules: [{ deny: browser }] }");
  const job =
    "{ name: a, schedule: { kind: every, everyMs: 60000 }, payload: { kind: agentTurn, message: x }, sessionTarget: main }";
  const more = `agent: { approvals: auto, maxSteps: 5, instructions: Obey., tools: { deny: [exec] }, rules: [{ deny: edit }], modelBudgets: { openai/b: { dayUsd: 5 } } }\nmodel: openai/x\ncron: [${job}]\n`;
  writeFileSync(join(other, "openclaw.yml"), more);
  const files = findConfig({ stateDir, workspaces: [workspace, other] });
  const { config, problems, declared } = readConfig(files, { env: {} });
  expect(config?.agent).toMatchObject({
    approvals: "ask",
    maxSteps: 5,
    tools: { deny: ["exec"] },
    rules: [{ deny: "browser" }, { deny: "edit" }],
    modelBudgets: { "openai/b": { dayUsd: 2 } },
  });
  expect([config?.model, config?.agent.instructions, config?.cron]).toEqual([undefined, undefined, []]);
  expect(declared?.map(({ file }) => file)).toEqual([files.user, files.workspace]);
  expect(problems.map(({ severity, file, message }) => [severity, file, message])).toEqual([
    [
      "warning",
      join(other, "openclaw.yml"),
      `Of several folders, only the first one's openclaw.yml counts in full (${files.workspace}); of this one only what narrows holds. No effect: agent.approvals, cron, model, agent.instructions, agent.modelBudgets.openai/b`,
    ],
  ]);
});

test("says what a workspace's file says in vain of what is kept and told, and of budgets", () => {
  writeFileSync(join(stateDir, "openclaw.yml"), "agent: { modelBudgets: { openai/b: { dayUsd: 2 } } }");
  writeFileSync(
    join(workspace, "openclaw.yml"),
    "worktrees: {}\nretention: {}\ncheckpoints: {}\ntelemetry: {}\nagent: { modelBudgets: { openai/b: { dayUsd: 3 } } }\n",
  );
  const { problems } = readConfig(findConfig({ stateDir, workspaces: [workspace] }), { env: {} });
  expect(problems.map(({ severity, key }) => `${severity} ${key}`)).toEqual([
    "warning worktrees",
    "warning retention",
    "warning checkpoints",
    "warning telemetry",
    "warning agent.modelBudgets.openai/b",
  ]);
});

test("jobs of a workspace's file that wait are told as waiting, and not in force", () => {
  const job =
    "{ name: a, schedule: { kind: every, everyMs: 60000 }, payload: { kind: agentTurn, message: x }, sessionTarget: main }";
  writeFileSync(join(workspace, "openclaw.yml"), `cron: [${job}]\n`);
  const files = findConfig({ stateDir, workspaces: [workspace] });
  const { config, declared, needsConfirmation } = readConfig(files, { env: {} });
  expect(config?.cron).toEqual([]);
  expect(declared).toMatchObject([{ file: files.workspace, isWaiting: true, jobs: [{ name: "a" }] }]);
  const agreed = readConfig(files, { env: {}, confirmed: new Set([needsConfirmation!.hash]) });
  expect(agreed.declared).toEqual([{ file: files.workspace, jobs: agreed.config!.cron }]);
});
