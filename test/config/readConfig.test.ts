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
  expect(readConfig(files, { env: {} })).toEqual({ config: defaultConfig(), declared: [], problems: [] });
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
  expect(reading.isWithoutWorkspace).toBe(true);
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
