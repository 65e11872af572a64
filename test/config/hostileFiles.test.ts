import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toLogLines } from "../../src/config/configProblem.ts";
import { readConfig } from "../../src/config/readConfig.ts";
import type * as z from "zod";
import { issueFindings } from "../../src/config/issueFindings.ts";
import { threadMs } from "../fakes/threadMs.ts";
import { posixTest } from "../posix.ts";

let folder: string;
let user: string;
let workspace: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pincer-hostile-"));
  mkdirSync(join(folder, "work"));
  [user, workspace] = [join(folder, "openclaw.yml"), join(folder, "work", "openclaw.yml")];
  writeFileSync(user, "agent: { maxSteps: 7 }");
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (env = {}) => readConfig({ user, workspace }, { env });

const onPosix = process.platform !== "win32";

describe("a workspace's file that cannot be used leaves the user's own in force, at once, with one warning", () => {
  const kinds: [what: string, make: () => void, message: string | RegExp, isHere?: boolean][] = [
    ["a folder", () => mkdirSync(workspace), "The file cannot be read (EISDIR)"],
    ["a link to itself", () => symlinkSync(workspace, workspace), "The file cannot be read (ELOOP)", onPosix],
    ["a link out", () => symlinkSync(user, workspace), "The file leads out of the workspace, and is not read", onPosix],
    ["/dev/zero", () => symlinkSync("/dev/zero", workspace), /leads out of the workspace/, onPosix],
    ["a pipe", () => execFileSync("mkfifo", [workspace]), "This is no regular file, and is not read", onPosix],
    ["a huge file", () => writeFileSync(workspace, "# ".repeat(1e6)), /^The file is larger than 128 KB/],
    ["bytes", () => writeFileSync(workspace, Buffer.from([0x61, 0xff, 0x00])), /^The file is not text/],
    ["a typo", () => writeFileSync(workspace, "foo: 1"), /^Unknown key "foo"/],
    ["no mapping", () => writeFileSync(workspace, "- 1"), /^Expected/],
    ["deep brackets", () => writeFileSync(workspace, "[".repeat(100_000)), "This is nested too deep"],
    ["deep lists of more", () => writeFileSync(workspace, "[a,".repeat(40_000)), "This is nested too deep"],
    [
      "deep brackets behind a quote",
      () => writeFileSync(workspace, `[a "${"[".repeat(100_000)}`),
      "This is nested too deep",
    ],
    ["deep lists by wider steps", () => writeFileSync(workspace, "-  ".repeat(40_000)), "This is nested too deep"],
    ["half a text", () => writeFileSync(workspace, `a: "${"\\\n".repeat(60_000)}"`), /more than 10,000 lines/],
    ["long keys", () => writeFileSync(workspace, "? a\n".repeat(30_000)), /more than 10,000 lines/],
    [
      "aliases",
      () => writeFileSync(workspace, `a: &x 1\nb: [${"*x, ".repeat(5_000)}]`),
      /^Unknown key "a"|more than 500 aliases/,
    ],
    ["deep lists", () => writeFileSync(workspace, "- ".repeat(50_000)), "This is nested too deep"],
    ["an alias bomb", () => writeFileSync(workspace, bomb()), /^Unknown key "a0"/],
  ];
  for (const [what, make, message, isHere = true] of kinds) {
    test.runIf(isHere)(what, () => {
      make();
      const before = threadMs();
      const { config, problems } = read();
      expect(threadMs() - before).toBeLessThan(1_000);
      expect(config?.agent.maxSteps).toBe(7);
      expect(toLogLines(problems).length).toBe(1);
      expect(problems[0]!.message).toMatch(message);
    });
  }

  test("20,000 unknown keys are a screenful and a count", () => {
    writeFileSync(workspace, Array.from({ length: 9_000 }, (_, at) => `k${at}: 1`).join("\n"));
    const { config, problems } = read();
    expect(config?.agent.maxSteps).toBe(7);
    expect(problems.length).toBe(20);
    expect(problems.at(-1)?.message).toMatch(/; and 8980 more errors$/);
  });
});

posixTest("a pipe in the place of the user's own file is told and not waited for", () => {
  rmSync(user);
  execFileSync("mkfifo", [user]);
  expect(read().problems.map(({ message }) => message)).toEqual(["This is no regular file, and is not read"]);
});

test("what is slow to read is read once, however often it is asked for", () => {
  writeFileSync(workspace, `a: ${`"'`.repeat(60_000)}`);
  const before = threadMs();
  read();
  const once = threadMs() - before;
  for (let times = 0; times < 20; times += 1) read();
  expect(threadMs() - before).toBeLessThan(10 * once);
});

test("brackets in texts and comments open nothing, however many there are", () => {
  const lines = "\\[ x {\n".repeat(150);
  const shown = lines.replace(/^(?=.)/gm, "    ");
  writeFileSync(user, `${lines.replace(/^/gm, "# ")}\nagent:\n  maxSteps: 7\n  instructions: |\n${shown}`);
  expect(read()).toMatchObject({ config: { agent: { maxSteps: 7, instructions: lines } }, problems: [] });
  writeFileSync(user, `agent: { maxSteps: 7, instructions: "${"[ \n ".repeat(150)}" }`);
  expect(read()).toMatchObject({ config: { agent: { maxSteps: 7 } }, problems: [] });
});

test("a workspace's file expands nothing", () => {
  writeFileSync(workspace, "agent: { instructions: 'The key is ${API_KEY}, and $${literal}' }\nmodel: ${API_KEY}\n");
  const reading = read({ API_KEY: "sk-secret-0123456789" });
  expect(JSON.stringify(reading)).not.toContain("sk-secret");
  writeFileSync(workspace, "agent: { instructions: 'The key is ${API_KEY}' }");
  const { config, problems } = read({ API_KEY: "sk-secret-0123456789" });
  writeFileSync(workspace, "agent: { instructions: 'A $${literal}' }");
  expect(read()).toMatchObject({ config: { agent: { instructions: "A ${literal}" } }, problems: [] });
  expect(config?.agent.instructions).toBe("The key is ${API_KEY}");
  expect(problems).toMatchObject([
    { severity: "warning", message: "A workspace's file reads no environment variables: ${API_KEY} stays as it is" },
  ]);
});

test.each([
  ["model: ${SECRET}"],
  ["model: x/${SECRET}y"],
  ["providers: { '${SECRET}': {} }\nmodel: '${SECRET}/x'"],
  ["agent: { approvals: '${SECRET}' }"],
  ["gateway: { port: '${SECRET}' }"],
  ["cron: [{ name: a, schedule: { kind: cron, expr: '${SECRET}' }, payload: { kind: agentTurn, message: x } }]"],
])("no error quotes what came out of the environment: %s", (text) => {
  writeFileSync(user, text);
  const { problems } = read({ SECRET: "hunter2-is-my-secret" });
  expect(problems.length).toBeGreaterThan(0);
  expect(JSON.stringify(problems)).not.toMatch(/hunter2|is-my-sec/);
});

test.each(["utf-16le", "utf-16be", "utf-8"] as const)("a file in %s with its mark is read", (encoding) => {
  const little = Buffer.from(
    "\ufeffagent: { maxSteps: 9, instructions: 'grüß' }",
    encoding === "utf-8" ? "utf8" : "utf16le",
  );
  writeFileSync(user, encoding === "utf-16be" ? little.swap16() : little);
  expect(read()).toMatchObject({ config: { agent: { maxSteps: 9, instructions: "grüß" } }, problems: [] });
});

test.each([
  ["agent:\n  approvals: “ask”\n", "2:14", "“", '"'],
  ["model: x\nagent: { instructions: “Be brief” }", "2:24", "“", '"'],
  ["“model”: openai/gpt-6-luna", "1:1", "“", '"'],
  ["agent: { instructions: ‘a’ }", "1:24", "‘", "'"],
  ['agent:\n  instructions: "Be brief”\n', "2:26", "”", '"'],
  ["gateway: { token: „abc“ }", "1:19", "„", '"'],
])("typographic quotes are named, with their place: %s", (text, place, quote, plain) => {
  writeFileSync(user, text);
  const [first] = read().problems.filter(({ message }) => /^. is a typographic/.test(message));
  expect(`${first?.line}:${first?.column}`).toBe(place);
  expect(first?.message).toBe(`${quote} is a typographic quote; use ${plain}`);
});

function bomb(): string {
  const lines = Array.from(
    { length: 9 },
    (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(", ")}]`,
  );
  return `a0: &a0 [x]\n${lines.join("\n")}\n`;
}

test("of thousands of unknown keys it is not looked for what was meant", () => {
  const keys = Array.from({ length: 9000 }, (_, at) => `modle${at}`);
  const issue: z.core.$ZodIssue = {
    code: "unrecognized_keys",
    keys,
    path: [],
    message: "Unrecognized keys",
    input: {},
  };
  const found = issueFindings(issue, Object.fromEntries(keys.map((key) => [key, 1])));
  expect(found).toHaveLength(9000);
  expect(found[0]!.message).toMatch(/^Unknown key "modle0"(; did you mean "model"|; known here)/);
  expect(found[8999]!.message).toBe('Unknown key "modle8999"');
});
