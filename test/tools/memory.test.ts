import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memory } from "../../src/tools/memoryTool.ts";
import { askOf, call, tempFolder, toolContext } from "./toolContext.ts";

function open(files: Record<string, string> = {}, own: Record<string, string> = {}) {
  const [workspace, state] = [tempFolder(files), tempFolder({ token: "k", ...own })];
  const context = toolContext(workspace, { ownMemory: join(state, "memory") });
  const ask = async (input: object) => {
    try {
      return (await call(memory, input, context)).text;
    } catch (error) {
      return `${(error as { code: string }).code}: ${(error as Error).message}`;
    }
  };
  return { workspace, state, context, ask };
}

test("notes are kept for the workspace and for the user, in files that both see, found by words, changed and removed", async () => {
  const { workspace, state, ask } = open();
  expect(await ask({ action: "read" })).toBe("There are no notes yet");
  expect(await ask({ action: "add", text: "Tests run with npm test\nand need Node 24" })).toBe(
    "Noted in .pincer/memory.md",
  );
  expect(await ask({ action: "add", text: "Releases are on Fridays", file: "release" })).toBe(
    "Noted in .pincer/memory/release.md",
  );
  expect(await ask({ action: "add", text: "I write German", where: "user" })).toBe(
    `Noted in ${join(state, "memory/memory.md")}`,
  );
  expect(readFileSync(join(workspace, ".pincer/memory.md"), "utf8")).toBe(
    "- Tests run with npm test\n  and need Node 24\n",
  );
  expect(readFileSync(join(state, "memory/memory.md"), "utf8")).toBe("- I write German\n");
  const all = await ask({ action: "read" });
  expect(all).toContain(`${join(state, "memory/memory.md")}:\n- I write German`);
  // What may have come with the folder is data.
  expect(all).toContain('<untrusted source="memory:workspace">\n.pincer/memory.md:\n- Tests');
  expect(await ask({ action: "search", text: "NODE npm" })).toContain(
    ".pincer/memory.md: - Tests run with npm test\n  and need Node 24",
  );
  expect(await ask({ action: "search", text: "fridays npm" })).toBe("No note has all these words");
  expect(await ask({ action: "edit", file: "release.md", oldText: "Fridays", text: "Mondays" })).toBe(
    "Changed .pincer/memory/release.md",
  );
  expect(await ask({ action: "read", file: "release" })).toContain("- Releases are on Mondays");
  await ask({ action: "add", text: "Second" });
  expect(await ask({ action: "remove", oldText: "Node 24" })).toBe("Removed from .pincer/memory.md");
  expect(readFileSync(join(workspace, ".pincer/memory.md"), "utf8")).toBe("- Second\n");
  expect(await ask({ action: "remove", file: "release" })).toBe("Removed from .pincer/memory/release.md");
  expect(existsSync(join(workspace, ".pincer/memory/release.md"))).toBe(false);
});

test("a file whose lines end in the way of Windows is changed as it is read, and keeps its line ends", async () => {
  const { workspace, ask } = open({ ".pincer/memory.md": "- one\r\n- two\r\n  more\r\n" });
  const text = () => readFileSync(join(workspace, ".pincer/memory.md"), "utf8");
  expect(await ask({ action: "edit", oldText: "one\n- two", text: "1\n- 2" })).toBe("Changed .pincer/memory.md");
  expect(await ask({ action: "add", text: "three\r\nlines" })).toBe("Noted in .pincer/memory.md");
  expect(text()).toBe("- 1\r\n- 2\r\n  more\r\n- three\r\n  lines\r\n");
  expect(await ask({ action: "remove", oldText: "2\n  more" })).toBe("Removed from .pincer/memory.md");
  expect(text()).toBe("- 1\r\n- three\r\n  lines\r\n");
});

test("a change asks; one of the user's own asks whatever the mode, for it is told in every folder", async () => {
  const { context } = open({ ".pincer/memory.md": "- a\n" });
  expect(await askOf(memory, { action: "read", where: "user" }, context)).toBeUndefined();
  expect(await askOf(memory, { action: "search", text: "a" }, context)).toBeUndefined();
  expect(await askOf(memory, { action: "add", text: "b" }, context)).toMatchObject({
    protected: false,
    subject: { type: "edit" },
  });
  expect(await askOf(memory, { action: "remove" }, context)).toMatchObject({ summary: "delete .pincer/memory.md" });
});

test("a note goes by its text, also where that is not called the old one; nothing empty takes the file away", async () => {
  const { workspace, ask } = open({ ".pincer/memory.md": "- one\n- two\n- three\n" });
  const text = () => readFileSync(join(workspace, ".pincer/memory.md"), "utf8");
  expect(await ask({ action: "remove", text: "two" })).toBe("Removed from .pincer/memory.md");
  expect(await ask({ action: "remove", oldText: "", text: "three" })).toBe("Removed from .pincer/memory.md");
  for (const input of [{ oldText: "" }, { oldText: " \n", text: "" }, { text: "" }])
    expect(await ask({ action: "remove", ...input })).toMatch(/^bad_request: oldText is empty/);
  expect(text()).toBe("- one\n");
});

test("a file that somebody made too long gets shorter by steps, and what a search leaves out it says", async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `- a needle with ${index}\n`).join("");
  const { workspace, ask } = open({ ".pincer/memory.md": lines });
  expect(await ask({ action: "add", text: "x" })).toMatch(/^bad_request: .* may have 64000/);
  expect(await ask({ action: "edit", oldText: "with 4999", text: "with 9994" })).toMatch(
    /^bad_request: .* may have 64000/,
  );
  expect(await ask({ action: "remove", oldText: "with 4999" })).toBe("Removed from .pincer/memory.md");
  expect(readFileSync(join(workspace, ".pincer/memory.md"), "utf8")).toBe(
    lines.slice(0, -"- a needle with 4999\n".length),
  );
  expect(await ask({ action: "search", text: "needle" })).toContain(
    "needle with 49\n[4949 more of its notes have them: search for more words]",
  );
});

test("files of notes that were not looked at are named, where all are asked for", async () => {
  const many = Array.from({ length: 130 }, (_, at) => [`.pincer/memory/n${100 + at}.md`, `- needle ${100 + at}\n`]);
  const { ask } = open({ ...Object.fromEntries(many), ".pincer/memory/bad.md": "\0\0" });
  const left = "[not looked at: bad.md (workspace): ";
  const more = "; 32 files (workspace), from n198.md on: read one by its name]";
  for (const input of [{ action: "search", text: "needle 229" }, { action: "read" }]) {
    const told = await ask(input);
    expect(told).toContain(left);
    expect(told.endsWith(more)).toBe(true);
  }
  expect(await ask({ action: "search", text: "needle 229" })).toMatch(
    /^No note has all these words\n\n\[not looked at: /,
  );
  expect(await ask({ action: "read", file: "n229" })).toContain("needle 229");
});

test("secrets, what is too long, and names that are none are refused in words", async () => {
  const { ask, workspace } = open({
    ".pincer/memory/full.md": `${"x".repeat(63_999)}\n`,
    ".pincer/memory/twice.md": "- a\n- a\n",
  });
  const secrets = [
    "key sk-ant-REDACTED",
    "ghp_abcdefghijklmnopqrstuvwxyz0123",
    "The password is hunter2hunter2",
    "API_KEY=abcdefgh12345678",
    "postgres://app:s3cret-word@db/x",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
  ];
  for (const text of secrets) expect(await ask({ action: "add", text })).toMatch(/^bad_request: This looks like a key/);
  // What only speaks of them is no secret.
  expect(await ask({ action: "add", text: "The token is in ~/.config/app; ask for the password" })).toMatch(/^Noted/);
  const told = await Promise.all([
    ask({ action: "add" }),
    ask({ action: "add", text: "x".repeat(5000) }),
    ask({ action: "add", text: "x", file: "full" }),
    ask({ action: "add", text: "x", file: "../../escape" }),
    ask({ action: "read", file: "a/b" }),
    ask({ action: "edit", oldText: "nothing", text: "x", file: "none" }),
    ask({ action: "edit", oldText: "- a", text: "x", file: "twice" }),
    ask({ action: "remove", oldText: "a", file: "twice" }),
    ask({ action: "search", text: " " }),
  ]);
  expect(told.map((one) => one.replace(/:.*/s, "").concat(one.slice(one.indexOf(":"), 60)))).toEqual([
    "bad_request: There is no text to add",
    expect.stringContaining("The note has 5000 characters"),
    expect.stringContaining(".pincer/memory/full.md would have 64004"),
    expect.stringContaining('"../../escape" is no name of notes'),
    expect.stringContaining('"a/b" is no name of notes'),
    expect.stringContaining("not_found: There are no notes in"),
    expect.stringContaining("has that text 2 times"),
    expect.stringContaining("2 notes of"),
    expect.stringContaining("Give the words to look for"),
  ]);
  expect(existsSync(join(workspace, "..", "escape.md"))).toBe(false);
});

test.skipIf(process.platform === "win32")(
  "no link leads out of the places of notes, and no pipe is waited for",
  async () => {
    const { workspace, state, ask } = open({}, { "memory/ok.md": "- fine\n" });
    mkdirSync(join(workspace, ".pincer/memory"), { recursive: true });
    symlinkSync(join(state, "token"), join(workspace, ".pincer/memory/out.md"));
    symlinkSync(join(state, "token"), join(state, "memory/token.md"));
    execFileSync("mkfifo", [join(workspace, ".pincer/memory/pipe.md")]);
    const [notes, left] = (await ask({ action: "read" })).split("\n\n");
    expect(notes).toBe(`${join(state, "memory/ok.md")}:\n- fine`);
    expect(left).toMatch(/^\[not looked at: out\.md .*; pipe\.md .*; token\.md \(user\): [^;]*\]$/);
    expect(await ask({ action: "read", file: "out" })).toMatch(/^forbidden/);
    expect(await ask({ action: "read", where: "user", file: "token" })).toBe(
      "forbidden: The notes token are a link to token",
    );
    expect(await ask({ action: "add", where: "user", file: "token", text: "x" })).toMatch(/^forbidden/);
    expect(readFileSync(join(state, "token"), "utf8")).toBe("k");
  },
);

test("without a folder there are the user's own only", async () => {
  const own = tempFolder({});
  const context = toolContext("", { ownMemory: join(own, "memory") });
  expect((await call(memory, { action: "add", text: "x" }, context)).text).toBe(
    `Noted in ${join(own, "memory/memory.md")}`,
  );
  await expect(call(memory, { action: "add", text: "x", where: "workspace" }, context)).rejects.toThrow(
    "no workspace folder",
  );
  await expect(call(memory, { action: "add", text: "x" }, toolContext(""))).rejects.toThrow("no place for notes");
});
