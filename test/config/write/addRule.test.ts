import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../../src/config/readConfig.ts";
import { addRule } from "../../../src/config/write/addRule.ts";

function place(text?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pincer-rule-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "openclaw.yml");
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

const rule = { allow: "edit" as const, path: "src/**" };
const block = "agent:\n  rules:\n    - { allow: edit, path: src/** }\n";

test.each([
  ["no file", undefined, block],
  ["an empty file", "", block],
  ["only a comment", "# mine\n", `# mine\n\n${block}`],
  [
    "no rules yet",
    "agent:\n  approvals: ask # yes\n",
    "agent:\n  approvals: ask # yes\n  rules:\n    - { allow: edit, path: src/** }\n",
  ],
  [
    "comments and another indentation",
    '# top\nagent:\n    rules:\n        # these\n        - { allow: exec, command: "npm test" } # all\n\nport: 1\n',
    '# top\nagent:\n    rules:\n        # these\n        - { allow: exec, command: "npm test" } # all\n        - { allow: edit, path: src/** }\n\nport: 1\n',
  ],
  ["line ends of Windows", "agent:\r\n  rules: []\r\n", "agent:\r\n  rules: [ { allow: edit, path: src/** } ]\r\n"],
  ["the rule already", block, block],
])("a rule is added to a file with %s, and the rest stays", async (_, text, expected) => {
  const path = place(text);
  await addRule(path, rule);
  expect(readFileSync(path, "utf8")).toBe(expected);
});

test.each(["grep -rn '${API_URL}' src", "echo '$${A} ${'", "echo '${1} $'"])(
  "a command that has a variable in it is put there as it is: %s",
  async (command) => {
    const path = place();
    const exact = { allow: "exec" as const, command };
    await addRule(path, exact);
    const read = () => readConfig({ user: path }, { env: { API_URL: "http://localhost" } });
    expect(read()).toMatchObject({ problems: [], config: { agent: { rules: [exact] } } });
    const text = readFileSync(path, "utf8");
    await addRule(path, exact);
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);

test("a file in UTF-16, as Windows PowerShell writes it, stays one", async () => {
  const path = place();
  writeFileSync(path, "\uFEFFagent:\r\n  rules: []\r\n", "utf16le");
  await addRule(path, rule);
  expect(readFileSync(path, "utf16le")).toBe("\uFEFFagent:\r\n  rules: [ { allow: edit, path: src/** } ]\r\n");
});

test.each([["a: [\n"], ["- a\n"], ["agent: x\n"], ["agent: { rules: 1 }\n"]])(
  "a file in which a rule has no place is left as it is: %j",
  async (text) => {
    const path = place(text);
    await expect(addRule(path, rule)).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);

test.each([[undefined], ["model: a/b\n"]])("a file stays as it is where it may not be written: %j", async (text) => {
  const path = place(text);
  const refuse = () => Promise.reject(new Error("another was faster"));
  await expect(addRule(path, rule, refuse)).rejects.toThrow("another was faster");
  expect(existsSync(path) ? readFileSync(path, "utf8") : undefined).toBe(text);
});

test.each([
  ["changes", "model: a/b\n"],
  // An editor empties a file before it writes it anew.
  ["is saving", ""],
])("what somebody %s in the file while a rule is added to it stays, and all is asked once", async (_, read) => {
  const path = place(read);
  const saved = "model: c/d # mine\n";
  let asked = 0;
  await addRule(path, rule, async () => {
    asked += 1;
    writeFileSync(path, saved);
  });
  expect(readFileSync(path, "utf8")).toBe(`${saved}${block}`);
  expect(asked).toBe(1);
});

test("where the file breaks while a rule is added, it is left as it is", async () => {
  const path = place("model: a/b\n");
  const broken = async () => writeFileSync(path, "a: [\n");
  await expect(addRule(path, rule, broken)).rejects.toMatchObject({ code: "conflict" });
  expect(readFileSync(path, "utf8")).toBe("a: [\n");
});
