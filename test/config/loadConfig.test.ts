import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { formatProblem } from "../../src/config/configProblem.ts";
import { toAgentSettings } from "../../src/config/agentSettings.ts";
import { defaultConfig } from "../../src/config/configSchema.ts";
import type { AgentSettings } from "../../src/core/ports/settings.ts";
import { brokenFiles } from "./brokenFiles.ts";

const env = { PORT: "3001", BADP: "x", FLAG: "true", EMPTY: "", DIGITS: "123456789012345678901234567890" };
const load = (text: string) => loadConfig(text, "openclaw.yml", { env });

describe("a broken file", () => {
  test.each(brokenFiles)("with $name", ({ text, problems }) => {
    const loaded = load(text);
    expect(loaded.problems.map(formatProblem)).toEqual(problems);
    expect(loaded.config === undefined).toBe(loaded.problems.some((problem) => problem.severity === "error"));
  });

  test("says nothing of the secrets in it", () => {
    for (const { text } of brokenFiles) {
      const said = JSON.stringify(load(text).problems);
      expect(said).not.toMatch(/hunter2|867530|correct horse|k3Jx9Qm2|mJ4kPzRq8/);
    }
  });

  test("offers what was meant", () => {
    const [problem] = load("agent:\n  approval: auto\n").problems;
    expect(problem).toMatchObject({
      key: "agent.approval",
      suggestion: "approvals",
      line: 2,
      column: 3,
      endLine: 2,
      endColumn: 11,
    });
  });

  test("is refused at once when it is deep or long", () => {
    expect(load(`model: ${"[".repeat(50_000)}`).problems).toHaveLength(1);
    expect(load(`# ${"x".repeat(1_000_001)}`).problems.map(formatProblem)).toEqual([
      "openclaw.yml:1:1: error: The file is larger than 1 MB, which no configuration is",
    ]);
  });
});

describe("a good file", () => {
  test("that is empty means the defaults", () => {
    for (const text of ["", "# nothing yet\n", "agent:\nproviders:\ncron:\n"]) {
      expect(load(text)).toEqual({ config: defaultConfig(), given: expect.anything(), problems: [] });
    }
  });

  test("takes numbers, booleans and texts from the environment", () => {
    const text =
      'gateway: { port: "${PORT}", token: "${DIGITS}" }\nbrowser:\n  headless: ${FLAG}\nagent: { instructions: "port ${PORT}, $${PORT}" }\n';
    const { config, problems } = load(text);
    expect(problems).toEqual([]);
    expect(config?.gateway).toMatchObject({ port: 3001, token: env.DIGITS });
    expect(config?.browser.headless).toBe(true);
    expect(config?.agent.instructions).toBe("port 3001, ${PORT}");
  });

  test("means by an alias what had its name above it, also where that is said again further down", () => {
    const { config, problems } = load(
      "model: &name openai/a\nfallbacks: &all [*name]\nagent: { instructions: &name other, tools: { deny: *all, allow: [*name] } }\n",
    );
    expect(problems).toEqual([]);
    expect(config?.agent.tools).toEqual({ deny: ["openai/a"], allow: ["other"] });
  });

  test("shares what it says twice through an alias", () => {
    const { config } = load("model: &model openai/gpt-6-luna\nfallbacks: [*model]\n");
    expect(config?.fallbacks).toEqual(["openai/gpt-6-luna"]);
  });

  test("finds its files from its own folder", () => {
    const { config } = loadConfig("gateway: { tls: { cert: a.pem, key: /keys/b.pem } }", "/etc/pincer/openclaw.yml", {
      env: {},
    });
    expect(config?.gateway.tls).toEqual({ cert: resolve("/etc/pincer/a.pem"), key: resolve("/keys/b.pem") });
  });

  test("of the examples is whole", () => {
    const example = readFileSync(new URL("../../examples/openclaw.yml", import.meta.url), "utf8");
    // As copied, on a machine where nothing is set: it starts, and says which providers are left out.
    const bare = loadConfig(example, "openclaw.yml", { env: {} });
    expect(bare.config).toBeDefined();
    expect(bare.problems.map(({ severity }) => severity)).toEqual(["warning", "warning", "warning"]);
    const keys = {
      ANTHROPIC_API_KEY: "a",
      OPENAI_API_KEY: "b",
      GEMINI_API_KEY: "c",
    };
    expect(loadConfig(example, "openclaw.yml", { env: keys }).problems).toEqual([]);
  });

  test("gives the agent its settings", () => {
    const { config } = load(
      "model: openai/gpt-6-luna\nagent: { approvalTimeoutSeconds: 60, budgetUsd: 5, dayBudgetUsd: 20, sessionBudgetTokens: 9000, modelBudgets: { openai/b: { dayUsd: 2 } }, tools: { deny: [exec] } }\ngateway: { tokens: { ci: { token: 0123456789abcdef, scope: write, dayBudgetTokens: 7 } } }\n",
    );
    const settings: AgentSettings = toAgentSettings(config!);
    expect(settings).toEqual({
      model: "openai/gpt-6-luna",
      fallbacks: [],
      retention: { openaiDays: 30 },
      instructionFiles: true,
      skills: true,
      checkpoints: true,
      maxSteps: 50,
      tools: { deny: ["exec"] },
      approvals: "ask",
      sandbox: "auto",
      allowLoopback: false,
      rules: [],
      tokens: { ci: { scope: "write", day: { tokens: 7 } } },
      ownToken: "default",
      webhooks: {},
      chats: { telegram: [], discord: [] },
      approvalTimeoutMs: 60_000,
      budgetUsd: 5,
      budgets: { session: { tokens: 9000 }, job: {}, day: { usd: 20 }, models: { "openai/b": { usd: 2 } } },
      tree: { depth: 4, running: 16, runs: 200, chain: 20 },
      prices: {},
    });
  });
});
