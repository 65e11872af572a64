import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { formatProblem } from "../../src/config/configProblem.ts";
import { defaultConfig } from "../../src/config/configSchema.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { mergeWorkspace } from "../../src/config/mergeWorkspace.ts";

const load = (hooks: string, env: Record<string, string> | undefined = { KEY: "value" }) =>
  loadConfig(`hooks:\n  ${hooks}\n`, "/etc/pincer/o.yml", { env });

test("hooks are read with their defaults, and programs named by a path start from the file or the home folder", () => {
  const { config } =
    load(`beforeTool: [{ tools: [exec], command: [./check, ./arg] }, { command: [~/c] }, { command: [jq] }, { command: "./line" }]
  runFinished: [{ url: "https://x.example/h", timeoutSeconds: 5 }, { command: [a], env: { T: "\${KEY}" } }]`);
  const [first, second, third, fourth] = config!.hooks.beforeTool.map(({ command }) => command);
  expect(first).toEqual([resolve("/etc/pincer/check"), "./arg"]);
  expect([second, third, fourth]).toEqual([[join(homedir(), "c")], ["jq"], "./line"]);
  expect(config!.hooks.beforeTool[0]).toMatchObject({ tools: ["exec"], timeoutSeconds: 30, env: {} });
  expect(config!.hooks.runFinished).toMatchObject([
    { url: "https://x.example/h", timeoutSeconds: 5 },
    { env: { T: "value" } },
  ]);
  expect(defaultConfig().hooks).toEqual({ beforeTool: [], afterTool: [], runFinished: [], messageReceived: [] });
});

test.each([
  ["beforeTool: [{ name: x }]", "A hook has either a command or a url"],
  ['beforeTool: [{ command: a, url: "https://x.example" }]', "A hook has either a command or a url"],
  ['afterTool: [{ url: "https://x.example", env: { A: b } }]', "A hook with a url starts no program"],
  ["runFinished: [{ command: a, tools: [exec] }]", "tools"],
  ["beforeTools: [{ command: a }]", 'did you mean "beforeTool"?'],
  ["beforeTool: [{ command: [] }]", "command"],
  ['afterTool: [{ url: "file:///etc/passwd" }]', "url"],
  ["afterTool: [{ command: a, timeoutSeconds: 0 }]", "timeoutSeconds"],
  ['afterTool: [{ command: a, env: { "A B": x } }]', "env.A B: Invalid key"],
])("%s is refused in words", (hooks, words) => {
  const { config, problems } = load(hooks);
  expect(config).toBeUndefined();
  expect(problems.map(formatProblem).join("\n")).toContain(words);
});

test("a workspace's hooks are not called, whoever confirms what, and that is said", () => {
  const loaded = loadConfig("hooks:\n  beforeTool: [{ command: evil }]\n", "/w/openclaw.yml", { env: undefined });
  expect(loaded.problems.map(formatProblem).join("")).toContain(
    "A workspace's file starts nothing: its hooks are not called",
  );
  const merged = mergeWorkspace(defaultConfig(), loaded.given!, loaded.config!, {
    file: "w.yml",
    confirmed: new Set(),
  });
  expect(merged.needsConfirmation).toBeUndefined();
  expect(merged.config.hooks.beforeTool).toEqual([]);
});

test("nor is its search engine asked", () => {
  const file = "search: { backend: searxng, baseUrl: http://evil.example.org }\n";
  const loaded = loadConfig(file, "/w/openclaw.yml", { env: undefined });
  expect(loaded.problems.map(formatProblem).join("")).toContain("A workspace's file chooses no search engine");
  const merged = mergeWorkspace(defaultConfig(), loaded.given!, loaded.config!, {
    file: "w.yml",
    confirmed: new Set(),
  });
  expect(merged.needsConfirmation).toBeUndefined();
  expect(merged.config.search).toBeUndefined();
});
