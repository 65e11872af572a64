import { expect, test } from "vitest";
import { surroundings, systemName } from "../../src/app/surroundings.ts";
import { toSystemPrompt } from "../../src/core/context/systemPrompt.ts";
import { toolSession } from "../tools/toolContext.ts";

test.each([
  ["win32", "10.0.22631", "Windows 11"],
  ["win32", "10.0.19045", "Windows"],
  ["darwin", "25.1.0", "macOS"],
  ["linux", "6.8.0-45-generic", "Linux"],
  ["linux", "5.15.167.4-microsoft-standard-WSL2", "Linux in WSL"],
  ["freebsd", "14.1", "freebsd"],
] as const)("%s %s is %s", (platform, version, name) => {
  expect(systemName(platform, version)).toBe(name);
});

test.runIf(process.platform === "linux")("the prompt names the system and its shell", () => {
  const settings = { fallbacks: [], maxSteps: 1, tools: { deny: [] }, approvalTimeoutMs: 1, prices: {} };
  const prompt = toSystemPrompt({
    session: toolSession("main", "/ws"),
    settings: { ...settings, approvals: "ask" },
    surroundings: surroundings(),
  });
  expect(prompt).toMatch(/The machine is Linux( in WSL)?, where commands run in bash\./);
});
