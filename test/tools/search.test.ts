import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { find } from "../../src/tools/search/findTool.ts";
import { grep } from "../../src/tools/search/grepTool.ts";
import { list } from "../../src/tools/search/listTool.ts";
import { listFiles } from "../../src/tools/search/fileList.ts";
import { findRipgrep, ripgrepPaths } from "../../src/tools/search/ripgrep.ts";
import type { SearchNotes } from "../../src/tools/search/search.ts";
import { searchFiles } from "../../src/tools/search/searchFiles.ts";
import { walk } from "../../src/tools/search/walk.ts";
import { ownStretch } from "../fakes/longestStretch.ts";
import { call, tempFolder, toolContext } from "./toolContext.ts";
import { posixTest } from "../posix.ts";

function project(): string {
  const base = tempFolder({
    "ws/.gitignore": "dist/\n*.log\n!keep.log\n",
    "ws/.env": "SECRET=needle\n",
    "ws/.hidden/x.ts": "needle hidden\n",
    "ws/a.ts": "one\nneedle a\ntwo\nthree\nNeedle b\n",
    "ws/b.log": "needle log\n",
    "ws/keep.log": "needle keep\r\nwin\r\n",
    "ws/dist/out.js": "needle dist\n",
    "ws/src/.gitignore": "generated.ts\n",
    "ws/src/c.ts": "x\nneedle c\ny\n",
    "ws/src/generated.ts": "needle generated\n",
    "ws/src/deep/generated.ts": "needle deep\n",
    "ws/src/bin": "needle\0binary\n",
    "ws/node_modules/m/i.js": "needle module\n",
    "ws/sub/node_modules/m/i.js": "needle module\n",
    "ws/.git/config": "needle git\n",
    "out/far.ts": "needle far\n",
  });
  symlinkSync(join(base, "out"), join(base, "ws/link"));
  symlinkSync(join(base, "out/far.ts"), join(base, "ws/far.ts"));
  return join(base, "ws");
}

posixTest("find matches names at any depth and leaves out what is ignored", async () => {
  const context = toolContext(project());
  const text = async (input: object) => (await call(find, input, context)).text;
  expect(await text({ pattern: "*.ts" })).toBe(".hidden/x.ts\na.ts\nsrc/c.ts");
  expect(await text({ pattern: "src/**" })).toBe("src/.gitignore\nsrc/bin\nsrc/c.ts");
  expect(await text({ pattern: "*.{js,log}" })).toBe("keep.log");
  expect(await text({ pattern: "*.ts", path: "src" })).toBe("src/c.ts");
  expect(await text({ pattern: "*.js", path: "dist" })).toBe("dist/out.js");
  expect(await text({ pattern: "*.ts", limit: 1 })).toBe(".hidden/x.ts\n[1 of 3; narrow the pattern]");
  expect(await text({ pattern: "*.rs" })).toBe("No file matches *.rs");
  expect(await text({ pattern: `${context.workspace}/src/*.ts` })).toBe("src/c.ts");
  await expect(text({ pattern: "*", path: "link" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(text({ pattern: "*", path: "gone" })).rejects.toMatchObject({ code: "not_found" });
});

test("what was named is looked into, modules and repositories too", async () => {
  const context = toolContext(project());
  const text = async (tool: typeof grep | typeof find, input: object) => (await call(tool, input, context)).text;
  for (const pattern of ["needle", "need[l]e"])
    expect(await text(grep, { pattern, path: "node_modules" })).toBe("node_modules/m/i.js:1:needle module");
  expect(await text(find, { pattern: "*.js", path: "node_modules" })).toBe("node_modules/m/i.js");
  expect(await text(find, { pattern: "*", path: "sub/node_modules/m" })).toBe("sub/node_modules/m/i.js");
  expect(await text(find, { pattern: "config", path: ".git" })).toBe(".git/config");
});

test("a glob counts from the workspace, and from the folder that was named; that nothing fits it is said", async () => {
  const context = toolContext(project());
  const text = async (glob: string, path?: string) =>
    (await call(grep, { pattern: "needle", glob, path }, context)).text;
  for (const glob of ["src/*.ts", "./*.ts", "*.ts", "!*.js", `${context.workspace}/src/*.ts`])
    expect(await text(glob, "src"), glob).toContain("src/c.ts:2:needle c");
  for (const glob of ["!src/**", "!./*.ts"]) expect(await text(glob, "src"), glob).not.toContain("src/c.ts");
  expect(await text("*.rs")).toBe("Nothing matches needle: no file fits *.rs");
  expect(await text("lib/*.ts", "src")).toBe("Nothing matches needle: no file in src fits lib/*.ts");
  expect(await text("*.rs", "a.ts")).toBe("Nothing matches needle: no file in a.ts fits *.rs");
  expect((await call(grep, { pattern: "nowhere", glob: "*.ts" }, context)).text).toBe("Nothing matches nowhere");
  expect((await call(find, { pattern: "src/*.ts", path: "src" }, context)).text).toBe("src/c.ts");
});

posixTest("grep prints path, line and text, and no secrets", async () => {
  const context = toolContext(project());
  const text = async (input: object) => (await call(grep, input, context)).text;
  expect(await text({ pattern: "needle" })).toBe(
    ".hidden/x.ts:1:needle hidden\na.ts:2:needle a\nkeep.log:1:needle keep\nsrc/c.ts:2:needle c\n" +
      "[found in, but not shown, because it is no text: src/bin]",
  );
  expect(await text({ pattern: "needle", ignoreCase: true, path: "a.ts" })).toBe("a.ts:2:needle a\na.ts:5:Needle b");
  expect(await text({ pattern: "^needle [ac]$", glob: "*.ts", context: 1 })).toBe(
    "a.ts-1-one\na.ts:2:needle a\na.ts-3-two\n--\nsrc/c.ts-1-x\nsrc/c.ts:2:needle c\nsrc/c.ts-3-y",
  );
  expect(await text({ pattern: "needle", limit: 1 })).toBe(
    ".hidden/x.ts:1:needle hidden\n[more was found; narrow the pattern, path or glob]",
  );
  expect(await text({ pattern: "needle", path: ".env" })).toBe(
    "Nothing matches needle\n[not searched, because it may hold secrets; use read: .env]",
  );
  expect(await text({ pattern: "--needle" })).toBe("Nothing matches --needle");
  await expect(text({ pattern: "(" })).rejects.toMatchObject({ code: "bad_request" });
  await expect(text({ pattern: "x", path: "/etc" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(text({ pattern: "x", path: "far.ts" })).rejects.toMatchObject({ code: "forbidden" });
});

posixTest("names with line breaks fake no others, and names with brackets are found as they are written", async () => {
  const folder = tempFolder({
    "a\nb.txt": "needle\n",
    "app/[id]/page.tsx": "needle\n",
    "app/i/page.tsx": "needle\n",
    " x ": "needle\n",
  });
  const context = toolContext(folder);
  const odd = String.raw`"a\nb.txt"`;
  expect((await call(list, {}, context)).text).toBe(`app/\n x \n${odd}`);
  expect((await call(find, { pattern: "*.txt" }, context)).text).toBe(odd);
  for (const pattern of ["needle", "need(le)"])
    expect((await call(grep, { pattern }, context)).text).toBe(
      ` x :1:needle\n${odd}:1:needle\napp/[id]/page.tsx:1:needle\napp/i/page.tsx:1:needle`,
    );
  const both = "app/[id]/page.tsx\napp/i/page.tsx";
  expect((await call(find, { pattern: "app/[id]/*.tsx" }, context)).text).toBe(both);
  expect((await call(grep, { pattern: "needle", glob: "**/[[]id]/*" }, context)).text).toBe(
    "app/[id]/page.tsx:1:needle",
  );
});

test("a pattern that explodes is stopped, and keeps nobody waiting", async () => {
  const context = toolContext(tempFolder({ a: `${"a".repeat(40)}b\n` }));
  const longest = await ownStretch(50, () =>
    expect(call(grep, { pattern: "(a+)+$" }, context)).rejects.toMatchObject({ code: "timed_out" }),
  );
  expect(longest).toBeLessThan(50);
  const name = "a".repeat(200);
  const folder = tempFolder({ [name]: "", ".gitignore": "*a*a*a*a*a*ab\n" });
  expect((await call(find, { pattern: "*a*a*a*a*a*ab" }, toolContext(folder))).text).toMatch(/^No file matches/);
  expect((await call(find, { pattern: "a*" }, toolContext(folder))).text).toBe(name);
});

test("what is large, long, odd or not UTF-8 is searched, or said", async () => {
  const long = `${"x".repeat(40_000)}😀needle${"y".repeat(40_000)}`;
  const folder = tempFolder({
    "big.txt": `${"filler line\n".repeat(600_000)}needle at the end\n`,
    "latin.txt": Buffer.from("caf\u00e9 needle\n", "latin1"),
    "utf16.txt": Buffer.from("\uFEFFa\nneedle é\n", "utf16le"),
    "nul.txt": `${"text\n".repeat(5000)}\0needle\n`,
    "bin.dat": "\0needle\n",
    "long.json": long,
  });
  const text = async (input: object) => (await call(grep, { pattern: "needle", ...input }, toolContext(folder))).text;
  const lines = (await text({})).split("\n");
  expect(lines).toEqual([
    "big.txt:600001:needle at the end",
    "latin.txt:1:café needle",
    expect.stringMatching(/^long\.json:1:\[column 39903\] \.\.\.x{98,}😀needley+\.\.\.$/),
    "nul.txt:5001:\0needle",
    "utf16.txt:2:needle é",
    "[found in, but not shown, because it is no text: bin.dat]",
  ]);
  expect(await text({ path: "bin.dat" })).toBe("bin.dat:1:\0needle");
  expect(await text({ pattern: "caf." })).toContain("latin.txt:1:café needle");
  for (const line of lines) expect(line.isWellFormed()).toBe(true);
});

test("a pattern that no system gives to a program is refused", async () => {
  const long = { pattern: "x".repeat(200_000) };
  await expect(call(grep, long, toolContext(project()))).rejects.toThrow(/pattern/);
});

/** Searches with a program called rg of this text. */
async function withProgram(script: string, search: () => Promise<void>): Promise<void> {
  const programs = tempFolder({ rg: `#!/bin/sh\n${script}\n` });
  chmodSync(join(programs, "rg"), 0o755);
  const before = process.env.PATH;
  process.env.PATH = programs;
  try {
    await search();
  } finally {
    process.env.PATH = before;
  }
}

posixTest("an rg that does not work is done without, and that is said", async () => {
  const context = toolContext(project());
  const broken: [script: string, why: string][] = [
    ["exit 3", "rg failed (exit 3)"],
    ["kill -9 $$", "rg failed (it was stopped)"],
    // What it has started holds its output open.
    ["/bin/sleep 600 & exit 3", "rg failed (exit 3)"],
    [
      "echo \"error: Found argument '--hidden' which wasn't expected\" >&2; exit 2",
      "rg failed (error: Found argument '--hidden' which wasn't expected)",
    ],
    ["while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", "rg printed what is no list of files"],
  ];
  for (const [script, why] of broken)
    await withProgram(script, async () => {
      const { text } = await call(grep, { pattern: "needle c" }, context);
      expect(text).toBe(`src/c.ts:2:needle c\n[searched without rg: ${why}]`);
      expect((await call(find, { pattern: "c.ts" }, context)).text).toBe("src/c.ts");
    });
});

posixTest("what rg could not read is told, and what was removed meanwhile is not", async () => {
  const said = ["rg: ./held: Permission denied (os error 13)", "src/old: Permission denied (os error 13)"];
  const lines = [...said, "rg: ./gone: No such file or directory (os error 2)"].map((line) => `echo '${line}' >&2`);
  await withProgram(`printf 'src/c.ts\\0'; ${lines.join("; ")}; exit 2`, async () => {
    const context = toolContext(project());
    expect((await call(grep, { pattern: "needle c" }, context)).text).toBe(
      "src/c.ts:2:needle c\n[not searched, because it could not be read: held, src/old]",
    );
    expect((await call(find, { pattern: "nothing" }, context)).text).toBe(
      "No file matches nothing\n[not looked into, because it could not be read: held, src/old]",
    );
  });
});

posixTest("a program called rg that says nothing is ended with all that it has started", async () => {
  const context = toolContext(project());
  await withProgram(`/bin/sleep 600; exit 0`, async () => {
    const request = {
      workspace: context.workspace,
      folder: ".",
      args: [],
      signal: context.signal,
      unreadable: () => {},
    };
    const program = findRipgrep(context.workspace)!;
    await expect(ripgrepPaths(program, { ...request, silenceMs: 50 }).next()).rejects.toThrow(
      "said nothing for too long",
    );
    const stop = new AbortController();
    const searched = ripgrepPaths(program, { ...request, signal: stop.signal, againMs: 0 }).next();
    stop.abort(new Error("enough"));
    await expect(searched).rejects.toThrow("enough");
  });
});

posixTest("one that hangs is waited for once, and tried again later", async () => {
  const context = toolContext(project());
  await withProgram(`/bin/sleep 600`, async () => {
    const program = findRipgrep(context.workspace)!;
    const paths = (more: { silenceMs?: number; againMs?: number }) =>
      ripgrepPaths(program, { ...context, folder: ".", args: [], unreadable: () => {}, ...more }).next();
    await expect(paths({ silenceMs: 50 })).rejects.toThrow(
      "rg said nothing for too long; it is left out for 10 minutes",
    );
    // Not asked, let alone waited for.
    await expect(paths({})).rejects.toMatchObject({ message: "rg hung a while ago", isQuiet: true });
    const found = (await call(grep, { pattern: "needle c" }, context)).text;
    expect(found).toContain("src/c.ts:2:needle c");
    expect(found).not.toContain("without rg");
    expect((await call(find, { pattern: "c.ts" }, context)).text).toBe("src/c.ts");
    await expect(paths({ againMs: 0, silenceMs: 50 })).rejects.toThrow("said nothing");
  });
});

test("the search without rg tells what it could not read", async () => {
  const { workspace, signal } = toolContext(project());
  const told: string[] = [];
  // No folder: what is read as one fails on every system.
  for await (const path of walk({ workspace, folder: "a.ts", signal, unreadable: (one) => void told.push(one) }))
    expect(path).toBe("none");
  expect(told).toEqual(["a.ts"]);
});

const rg = findRipgrep("");

test.runIf(rg)("rg and the search without it find the same", async () => {
  const workspace = project();
  const signal = new AbortController().signal;
  const all = async <T>(rows: AsyncIterable<T>) => {
    const found: T[] = [];
    for await (const row of rows) found.push(row);
    return found;
  };
  const unreadable = (path: string) => expect(path).toBe("none");
  for (const folder of [".", "src", "dist"]) {
    const [withRg, without] = [
      await all(listFiles({ workspace, folder, signal, unreadable })),
      await all(listFiles({ workspace, folder, signal, unreadable, env: { PATH: "" } })),
    ];
    expect(withRg.sort()).toEqual(without.sort());
  }
  for (const own of [
    {},
    { context: 1 },
    { glob: "*.ts" },
    { glob: "!*.ts" },
    { glob: "src/**" },
    { path: "src" },
    { path: "a.ts" },
    { ignoreCase: true },
    { pattern: "e\\b.[ac]" },
    { pattern: "needle|one" },
    { pattern: "nee?dle" },
  ]) {
    const denied = () => undefined;
    const request = { workspace, path: ".", pattern: "needle", ignoreCase: false, context: 0, denied, signal, ...own };
    const notes = (): SearchNotes => ({ binary: [], tooLarge: [], unreadable: [], secret: [], denied: [] });
    const [mine, theirs] = [notes(), notes()];
    expect(await all(searchFiles(request, rg, 100, theirs)), JSON.stringify(own)).toEqual(
      await all(searchFiles(request, undefined, 100, mine)),
    );
    expect(theirs).toEqual(mine);
  }
});

test("what is ignored is told from the workspace down, whatever a folder above it ignores", async () => {
  const base = tempFolder({
    ".gitignore": "*\n",
    "ws/.gitignore": "gen.ts\n/sub/own.ts\n!keep.ts\n",
    "ws/a.ts": "needle\n",
    "ws/gen.ts": "needle\n",
    "ws/sub/.gitignore": "*.ts\n!b.ts\n",
    "ws/sub/b.ts": "needle\n",
    "ws/sub/c.ts": "needle\n",
    "ws/sub/deep/b.ts": "needle\n",
    "ws/sub/deep/c.ts": "needle\n",
    "ws/sub/deep/gen.ts": "needle\n",
    "ws/other/gen.ts": "needle\n",
    "ws/other/keep.ts": "needle\n",
    "ws/other/.gitignore": "!gen.ts\n",
    "ws/plain/sub/own.ts": "needle\n",
    "ws/plain/gen.ts": "needle\n",
  });
  const context = toolContext(join(base, "ws"));
  const finds = async (path: string, files: string[]) => {
    const texts = [
      (await call(find, { pattern: "*.ts", path }, context)).text,
      (await call(grep, { pattern: "needle", path }, context)).text,
      (await call(grep, { pattern: "need[l]e", path }, context)).text,
    ];
    for (const text of texts) expect(text.replaceAll(":1:needle", "").split("\n")).toEqual(files);
  };
  const [sub, other, plain] = [["sub/b.ts", "sub/deep/b.ts"], ["other/gen.ts", "other/keep.ts"], ["plain/sub/own.ts"]];
  await finds(".", ["a.ts", ...other, ...plain, ...sub]);
  await finds("sub", sub);
  await finds("sub/deep", ["sub/deep/b.ts"]);
  await finds("other", other);
  await finds("plain", plain);
});

posixTest("list draws folders first, and does not enter links, repositories and modules", async () => {
  const context = toolContext(project());
  expect((await call(list, {}, context)).text.split("\n")).toEqual([
    ".git/",
    ".hidden/",
    "dist/",
    "node_modules/",
    "src/",
    "sub/",
    ".env",
    ".gitignore",
    "a.ts",
    "b.log",
    "far.ts@",
    "keep.log",
    "link@",
  ]);
  expect((await call(list, { path: "src", depth: 3 }, context)).text).toBe(
    "deep/\n  generated.ts\n.gitignore\nbin\nc.ts\ngenerated.ts",
  );
  expect((await call(list, { path: "sub", depth: 2 }, context)).text).toBe("node_modules/ [not entered]");
  await expect(call(list, { path: "a.ts" }, context)).rejects.toMatchObject({
    code: "bad_request",
    message: "a.ts is a file; use read",
  });
  await expect(call(list, { path: "link" }, context)).rejects.toMatchObject({ code: "forbidden" });
});

test("an abort ends a search", async () => {
  const context = toolContext(project(), { signal: AbortSignal.abort(new Error("enough")) });
  await expect(call(find, { pattern: "*" }, context)).rejects.toThrow();
  await expect(call(grep, { pattern: "needle" }, context)).rejects.toThrow();
});
