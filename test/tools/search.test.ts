import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { find } from "../../src/tools/findTool.ts";
import { grep } from "../../src/tools/grepTool.ts";
import { list } from "../../src/tools/listTool.ts";
import { listFiles } from "../../src/tools/search/fileList.ts";
import { plainSearch } from "../../src/tools/search/plainSearch.ts";
import { findRipgrep } from "../../src/tools/search/ripgrep.ts";
import { ripgrepSearch } from "../../src/tools/search/ripgrepSearch.ts";
import { call, tempFolder, toolContext } from "./toolContext.ts";

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

test("find matches names at any depth and leaves out what is ignored", async () => {
  const context = toolContext(project());
  const text = async (input: object) => (await call(find, input, context)).text;
  expect(await text({ pattern: "*.ts" })).toBe(".hidden/x.ts\na.ts\nsrc/c.ts");
  expect(await text({ pattern: "src/**" })).toBe("src/.gitignore\nsrc/bin\nsrc/c.ts");
  expect(await text({ pattern: "*.{js,log}" })).toBe("keep.log");
  expect(await text({ pattern: "*.ts", path: "src" })).toBe("src/c.ts");
  expect(await text({ pattern: "*.js", path: "dist" })).toBe("dist/out.js");
  expect(await text({ pattern: "*.ts", limit: 1 })).toBe(".hidden/x.ts\n[1 of 3; narrow the pattern]");
  expect(await text({ pattern: "*.rs" })).toBe("No file matches *.rs");
  await expect(text({ pattern: "*", path: "link" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(text({ pattern: "*", path: "gone" })).rejects.toMatchObject({ code: "not_found" });
});

test("grep prints path, line and text, and no secrets", async () => {
  const context = toolContext(project());
  const text = async (input: object) => (await call(grep, input, context)).text;
  expect(await text({ pattern: "needle" })).toBe(
    ".hidden/x.ts:1:needle hidden\na.ts:2:needle a\nkeep.log:1:needle keep\nsrc/c.ts:2:needle c",
  );
  expect(await text({ pattern: "needle", ignoreCase: true, path: "a.ts" })).toBe("a.ts:2:needle a\na.ts:5:Needle b");
  expect(await text({ pattern: "^needle [ac]$", glob: "*.ts", context: 1 })).toBe(
    "a.ts-1-one\na.ts:2:needle a\na.ts-3-two\n--\nsrc/c.ts-1-x\nsrc/c.ts:2:needle c\nsrc/c.ts-3-y",
  );
  expect(await text({ pattern: "needle", limit: 1 })).toBe(
    ".hidden/x.ts:1:needle hidden\n[more was found; narrow the pattern, path or glob]",
  );
  expect(await text({ pattern: "needle", path: ".env" })).toBe("Nothing matches needle");
  expect(await text({ pattern: "--needle" })).toBe("Nothing matches --needle");
  await expect(text({ pattern: "(" })).rejects.toMatchObject({ code: "bad_request" });
  await expect(text({ pattern: "x", path: "/etc" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(text({ pattern: "x", path: "far.ts" })).rejects.toMatchObject({ code: "forbidden" });
});

test("a pattern that explodes is stopped", async () => {
  const workspace = tempFolder({ a: `${"a".repeat(40)}b\n` });
  const signal = new AbortController().signal;
  const search = plainSearch({ workspace, path: ".", pattern: "(a+)+$", ignoreCase: false, context: 0, signal });
  await expect(search.next()).rejects.toMatchObject({ code: "timed_out" });
});

const rg = await findRipgrep("");

test.runIf(rg)("rg and the search without it find the same", async () => {
  const workspace = project();
  const signal = new AbortController().signal;
  const all = async <T>(rows: AsyncIterable<T>) => {
    const found: T[] = [];
    for await (const row of rows) found.push(row);
    return found;
  };
  for (const folder of [".", "src", "dist"]) {
    const [withRg, without] = [
      await all(listFiles(workspace, folder, signal)),
      await all(listFiles(workspace, folder, signal, { PATH: "" })),
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
  ]) {
    const request = { workspace, path: ".", pattern: "needle", ignoreCase: false, context: 0, signal, ...own };
    expect(await all(ripgrepSearch(rg!, request)), JSON.stringify(own)).toEqual(await all(plainSearch(request)));
  }
});

test("list draws folders first, and does not enter links, repositories and modules", async () => {
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
  await expect(call(list, { path: "a.ts" }, context)).rejects.toMatchObject({ code: "not_found" });
  await expect(call(list, { path: "link" }, context)).rejects.toMatchObject({ code: "forbidden" });
});

test("an abort ends a search", async () => {
  const context = toolContext(project(), { signal: AbortSignal.abort(new Error("enough")) });
  await expect(call(find, { pattern: "*" }, context)).rejects.toThrow();
  await expect(call(grep, { pattern: "needle" }, context)).rejects.toThrow();
});
