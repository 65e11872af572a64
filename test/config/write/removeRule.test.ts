import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { removeRule } from "../../../src/config/write/removeRule.ts";

test("a rule is taken out, and all else stays as it was written", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-rule-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "openclaw.yml");
  const before = [
    "agent:",
    "  rules:",
    "    # these",
    "    - { allow: edit, path: src/** } # mine",
    "    - { allow: exec, command: npm test }",
    "port: 1",
  ];
  writeFileSync(path, `${before.join("\n")}\n`);
  await removeRule(path, { allow: "exec", command: "npm test" });
  expect(readFileSync(path, "utf8")).toBe(`${before.filter((line) => !line.includes("npm test")).join("\n")}\n`);
  await expect(removeRule(path, { allow: "exec", command: "npm test" })).rejects.toThrow("does not have this rule");
});

test("one with a variable in it is found, be it a word of its own or one of the environment", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-rule-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "openclaw.yml");
  const lines = [
    "agent:",
    "  rules:",
    '    - { allow: exec, command: "ls $${A}" }',
    '    - { deny: read, path: "${PATH}" }',
  ];
  writeFileSync(path, `${lines.join("\n")}\n`);
  await removeRule(path, { allow: "exec", command: "ls ${A}" });
  expect(readFileSync(path, "utf8")).not.toContain("ls");
  await removeRule(path, { deny: "read", path: process.env["PATH"] ?? "" });
  expect(readFileSync(path, "utf8")).toBe("agent:\n  rules: []\n");
});
