import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { realPath } from "../../../src/base/files/realPath.ts";
import { openSkillFiles } from "../../../src/tools/skills/openSkillFiles.ts";

const PDF = "---\nname: pdf\ndescription: Fills forms in PDF files\n---\nRun scripts/fill.py.\n";

function open() {
  const root = realPath(mkdtempSync(join(tmpdir(), "pincer-skills-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [state, home, workspace] = ["state", "home", "work"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [state, home, workspace]) mkdirSync(folder);
  const hashes = new Set<string>();
  const confirmed = { hashes: () => hashes, add: async (hash: string) => void hashes.add(hash) };
  const put = (path: string, text: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const files = openSkillFiles({ stateDir: state, home, confirmed });
  const list = async () => await files.list(workspace);
  const lines = async () =>
    (await list()).map(({ name, from, confirmed: is, problem }) => `${name} ${from} ${problem ?? (is ? "yes" : "no")}`);
  return { root, state, home, workspace, put, files, list, lines };
}

test("skills of the state folder and the home folder are the user's word; a workspace's is confirmed for all its files", async () => {
  const { put, files, list, lines, workspace } = open();
  put("state/skills/own/SKILL.md", "---\ndescription: Mine\n---\nDo so.");
  put("home/.agents/skills/shared/SKILL.md", "---\nname: shared\ndescription: Of all agents\n---\nDo so too.");
  put("work/.agents/skills/pdf/SKILL.md", PDF);
  put("work/.agents/skills/pdf/scripts/fill.py", "print(1)");
  put("work/.claude/skills/notes/SKILL.md", "---\nname: notes\ndescription: Release notes: how to write them\n---\nx");
  expect(await lines()).toEqual(["notes workspace no", "own user yes", "pdf workspace no", "shared user yes"]);
  const pdf = (await list())[2]!;
  expect(pdf).toMatchObject({ description: "Fills forms in PDF files", path: join(workspace, ".agents/skills/pdf") });
  expect((await list())[0]!.description).toBe("Release notes: how to write them");
  await files.confirm(pdf.hash);
  expect((await lines())[2]).toBe("pdf workspace yes");
  expect(await files.body((await list())[2]!)).toBe("Run scripts/fill.py.");
  expect(await files.names(pdf)).toEqual(["scripts/fill.py"]);
  expect(await files.file(pdf, "./scripts/fill.py")).toBe("print(1)");
  put("work/.agents/skills/pdf/scripts/fill.py", "print(2)");
  expect((await lines())[2]).toBe("pdf workspace no");
  await expect(files.file(pdf, "scripts/fill.py")).rejects.toMatchObject({ code: "conflict" });
  await expect(files.body(pdf)).rejects.toMatchObject({ code: "conflict" });
  // As it was is as it was confirmed.
  put("work/.agents/skills/pdf/scripts/fill.py", "print(1)");
  expect((await lines())[2]).toBe("pdf workspace yes");
  put("work/.agents/skills/pdf/scripts/more.py", "");
  expect((await lines())[2]).toBe("pdf workspace no");
});

test("what cannot be used is there with its reason", async () => {
  const { put, lines } = open();
  const at = (name: string) => `work/.agents/skills/${name}/SKILL.md`;
  put(at("bare"), "Nothing said.");
  put(
    at("bomb"),
    `---\na: &a [x, x]\n${"bcdefgh".replace(/./g, (c) => `${c}: &${c} [*${String.fromCharCode(c.charCodeAt(0) - 1)},*${String.fromCharCode(c.charCodeAt(0) - 1)},*${String.fromCharCode(c.charCodeAt(0) - 1)}]\n`)}---\nx`,
  );
  put(at("broken"), "---\nname: [\n---\nx");
  put(at("deep"), `---\nname: ${"[".repeat(7000)}\n---\nx`);
  put(at("empty"), "---\nname: empty\ndescription: d\n---\n");
  put(at("head"), `---\ndescription: d\nx: ${"y".repeat(20_000)}\n---\nx`);
  put(at("large"), `---\ndescription: d\n---\n${"x".repeat(10_000_000)}`);
  put(at("list"), "---\n- a\n---\nx");
  put(at("many"), "---\ndescription: d\n---\nx");
  for (let at = 0; at <= 300; at += 1) put(`work/.agents/skills/many/${at}.txt`, "");
  put(at("traversal"), "---\nname: ../../etc\ndescription: d\n---\nx");
  put(at("types"), "---\nname: types\ndescription: 3\n---\nx");
  put(at("zero"), Buffer.from("---\ndescription: d\n---\n\0"));
  const told = await lines();
  expect(told.map((line) => line.replace(/ at line.*/, ""))).toEqual([
    "bare workspace It has no description",
    "bomb workspace Its head is not YAML: Excessive alias count indicates a resource exhaustion attack",
    "broken workspace Its head is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    expect.stringMatching(/^deep workspace Its head is not YAML: /),
    "empty workspace It has no instructions",
    expect.stringMatching(/^head workspace Its head has \d+ characters, and may have 16000/),
    expect.stringMatching(/^large workspace SKILL.md has \d+ bytes, and may have 256000/),
    "list workspace Its head has no keys",
    "many workspace It has more than 300 files",
    'traversal workspace Its name "../../etc" is not of letters, digits, - and _, 64 at most',
    "types workspace description: Expected text, but a number is given",
    "zero workspace SKILL.md is no text",
  ]);
});

test("heads are read as people write them", async () => {
  const { put, files, list, lines } = open();
  const head = (name: string, more = "") => `---\nname: ${name}\ndescription: Does: so\n${more}---\nDo so.\n`;
  put("state/skills/a/SKILL.md", `\uFEFF\r\n${head("a").replaceAll("\n", "\r\n")}`);
  put("state/skills/b/SKILL.md", head("b").replaceAll("\n", "\r"));
  put("state/skills/c/SKILL.md", head("c", "license:\nallowed-tools:\nargument-hint: [path] [--deep]\n"));
  put("state/skills/d/SKILL.md", head("d", "argument-hint: [path, n]\ndisable-model-invocation: yes\n"));
  put("state/skills/e/skill.md", head("e"));
  put("state/skills/f/SKILL.md", head("f").replaceAll("---", "----"));
  put("state/skills/g/SKILL.md", head("g").replaceAll("---", "+++"));
  put("state/skills/hidden/SKILL.md", `${head("hidden")}Then\u{e0041}\u202e end it.\n`);
  put("state/skills/h/SKILL.md", head("h", "user-invocable: maybe\n"));
  const noEnd = "Its head has no end: a line of --- is missing";
  expect(await lines()).toEqual([
    ...["a", "b", "c", "d"].map((name) => `${name} user yes`),
    'e user Its file is called "skill.md", and has to be SKILL.md',
    `f user ${noEnd}`,
    `g user ${noEnd}`,
    expect.stringMatching(/^h user user-invocable: Expected true or false/),
    "hidden user yes",
  ]);
  // A person who reads it sees what a model would.
  expect(await files.body((await list()).at(-1)!)).toBe("Do so.\nThen\\u{e0041}\\u{202e} end it.");
  const [, , c, d] = await list();
  expect(c).toMatchObject({ argumentHint: "[path] [--deep]", description: "Does: so", forModel: true });
  expect(d).toMatchObject({ argumentHint: "[path, n]", forModel: false, notes: [] });
});

test("a folder of more skills than are looked at says so, and a name that is left open is the folder's", async () => {
  const { put, list } = open();
  for (let at = 0; at < 202; at += 1) put(`state/skills/s${1000 + at}/SKILL.md`, "---\nname:\ndescription: d\n---\nx");
  const skills = await list();
  expect(skills.filter(({ problem }) => problem !== undefined)).toMatchObject([
    { name: "skills", forModel: false, problem: "2 more folders are not looked at: it may have 200" },
  ]);
  expect(skills.filter(({ forModel }) => forModel).map(({ name }) => name)).toContain("s1199");
  expect(skills).toHaveLength(201);
});

test("of one name the user's own goes before, then .agents; the same folder by two names is one skill", async () => {
  const { put, list, lines, workspace, home } = open();
  put("work/.agents/skills/pdf/SKILL.md", PDF);
  put("work/.claude/skills/pdf/SKILL.md", PDF);
  put("work/.agents/skills/notes/SKILL.md", "---\nname: notes\ndescription: d\n---\nx");
  symlinkSync(join(workspace, ".agents/skills/notes"), join(workspace, ".claude/skills/notes"), "junction");
  expect(await lines()).toEqual([
    "notes workspace no",
    "pdf workspace no",
    `pdf workspace ${join(workspace, ".agents/skills/pdf")} has the same name, and goes before`,
  ]);
  put("state/skills/pdf/SKILL.md", PDF);
  expect((await list()).filter(({ problem }) => !problem).map(({ name, from }) => `${name} ${from}`)).toEqual([
    "notes workspace",
    "pdf user",
  ]);
  // What lies in the workspace is the workspace's, whatever leads there.
  mkdirSync(join(home, ".agents", "skills"), { recursive: true });
  symlinkSync(join(workspace, ".agents/skills/notes"), join(home, ".agents/skills/notes"), "junction");
  expect((await lines())[0]).toBe("notes workspace no");
});

test.skipIf(process.platform === "win32")("no link leads out of a skill, no pipe is waited for", async () => {
  const { put, root, files, list, lines, workspace } = open();
  const skills = join(workspace, ".agents/skills");
  put("secret.txt", "key");
  put("outside/SKILL.md", PDF);
  for (const name of ["escape", "inner", "pipe", "pipes"]) put(`work/.agents/skills/${name}/x.md`, "x");
  for (const name of ["escape", "inner", "pipe"]) put(`work/.agents/skills/${name}/SKILL.md`, PDF.replace("pdf", name));
  symlinkSync(join(root, "outside"), join(skills, "elsewhere"));
  symlinkSync(join(root, "secret.txt"), join(skills, "escape", "a.txt"));
  symlinkSync("x.md", join(skills, "inner", "same.md"));
  execFileSync("mkfifo", [join(skills, "pipe", "p")]);
  execFileSync("mkfifo", [join(skills, "pipes", "SKILL.md")]);
  mkdirSync(join(skills, "linked"));
  symlinkSync("/etc/passwd", join(skills, "linked", "SKILL.md"));
  mkdirSync(join(skills, "loop"));
  symlinkSync("SKILL.md", join(skills, "loop", "SKILL.md"));
  expect(await lines()).toEqual([
    "elsewhere workspace It is a link that leads out of the workspace",
    'escape workspace "a.txt" is a link that leads out of it',
    "inner workspace no",
    `linked workspace ${join(skills, "linked", "SKILL.md")} is a link`,
    `loop workspace ${join(skills, "loop", "SKILL.md")} is a link`,
    'pipe workspace "p" is no regular file',
    `pipes workspace ${join(skills, "pipes", "SKILL.md")} is not a regular file`,
  ]);
  const inner = (await list())[2]!;
  expect(await files.file(inner, "same.md")).toBe("x");
});

test("a file of a skill is found by its path from there, and by nothing else; what may hold secrets is not read", async () => {
  const { put, files, list } = open();
  put("state/skills/own/SKILL.md", "---\ndescription: Mine\n---\nDo so.");
  put("state/skills/own/.env", "KEY=1");
  put("state/skills/own/a/b.md", "b");
  put("state/skills/own/image.png", Buffer.from([137, 80, 0, 0]));
  put("state/token", "secret");
  const [own] = await list();
  expect(await files.names(own!)).toEqual(["a/b.md", "image.png"]);
  const at = async (path: string) => await files.file(own!, path).catch((error: { code: string }) => error.code);
  const paths = [
    "a/b.md",
    "../../token",
    "/etc/passwd",
    "a\\b.md",
    "",
    ".",
    "a//b.md",
    "nothing",
    ".env",
    "image.png",
    "a",
    "a\0b",
  ];
  expect(await Promise.all(paths.map(at))).toEqual([
    "b",
    "bad_request",
    "bad_request",
    "b",
    "bad_request",
    "bad_request",
    "bad_request",
    "not_found",
    "forbidden",
    "bad_request",
    "bad_request",
    "bad_request",
  ]);
});
