import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { CodeEdit, CodeKnowledge } from "../../../src/core/ports/codeKnowledge.ts";
import { refactor } from "../../../src/tools/index.ts";
import { fakeCode } from "../../fakes/codeKnowledge.ts";
import { askOf, call, tempFolder, toolContext } from "../toolContext.ts";

const A = "export const price = 1;\n";
const B = 'import { price } from "./a";\nprice;\n';

function renaming(workspace: string, own: Partial<CodeKnowledge> = {}, more: CodeEdit[] = []) {
  const edits = (name: string): CodeEdit[] => [
    { path: `${workspace}/a.ts`, before: A, after: A.replace("price", name) },
    { path: `${workspace}/b.ts`, before: B, after: B.replaceAll("price", name) },
    ...more,
  ];
  return toolContext(workspace, { code: fakeCode({ rename: async (_, name) => edits(name), ...own }) });
}

const rename = { action: "rename", path: "b.ts", symbol: "price", newName: "cost" };

test("a rename is asked about as the edit of all its files that it is, and does that", async () => {
  const workspace = tempFolder({ "a.ts": A, "b.ts": B });
  const ask = await askOf(refactor, rename, renaming(workspace));
  expect(ask).toMatchObject({
    summary: "change a.ts, change b.ts",
    reason: "changes 2 files",
    subject: { type: "edit", before: `=== a.ts\n${A}\n=== b.ts\n${B}` },
    effects: [
      { kind: "change", place: `${workspace}/a.ts` },
      { kind: "change", place: `${workspace}/b.ts` },
    ],
  });
  expect((await call(refactor, rename, renaming(workspace))).text).toBe("Renamed price to cost in a.ts, b.ts");
  expect(readFileSync(`${workspace}/b.ts`, "utf8")).toBe('import { cost } from "./a";\ncost;\n');
});

test("it is renamed where it is declared, when that is one place of the workspace and by that name", async () => {
  const workspace = tempFolder({ "a.ts": A, "b.ts": B });
  const from: string[] = [];
  const declaredAt = async (path: string, column: number) => {
    const definition = async () => [{ path, line: 1, column, endLine: 1 }];
    const noted = renaming(workspace, {
      definition,
      rename: async ({ path: at }) => (from.push(at.slice(workspace.length)), []),
    });
    await askOf(refactor, rename, noted).catch(() => {});
  };
  await declaredAt(`${workspace}/a.ts`, 14);
  await declaredAt(`${workspace}/a.ts`, 8);
  await declaredAt("/lib/lib.d.ts", 1);
  expect(from).toEqual(["/a.ts", "/b.ts", "/b.ts"]);
});

test("a protected file is protected for a rename, too", async () => {
  const workspace = tempFolder({ "a.ts": A, "b.ts": B, ".vscode/settings.json": "price" });
  const settings = { path: `${workspace}/.vscode/settings.json`, before: "price", after: "cost" };
  expect(await askOf(refactor, rename, renaming(workspace, {}, [settings]))).toMatchObject({
    protected: true,
    reason: expect.stringContaining("protected path"),
  });
});

test.each<[string, object, (workspace: string) => ReturnType<typeof renaming>, string]>([
  [
    "outside",
    rename,
    (w) => renaming(w, {}, [{ path: "/etc/hosts", before: "a", after: "b" }]),
    "/etc/hosts is outside the workspace",
  ],
  [
    "stale",
    rename,
    (w) => renaming(w, {}, [{ path: `${w}/c.ts`, before: "other", after: "x" }]),
    "c.ts is not yet in the editor as it is on the disk",
  ],
  [
    "nobody",
    rename,
    (w) => renaming(w, { rename: async () => [] }),
    "The editor has nobody to rename price in files like b.ts; use edit",
  ],
  [
    "many",
    rename,
    (w) =>
      renaming(
        w,
        {},
        Array.from({ length: 200 }, () => ({ path: `${w}/c.ts`, before: "", after: "x" })),
      ),
    "It would change 202 files at once",
  ],
  ["no name", { ...rename, newName: undefined }, renaming, "This action needs newName"],
  ["no formatter", { action: "format", path: "c.ts" }, renaming, "The editor has no formatter for files like c.ts"],
])("%s: refused in a sentence", async (_, input, context, message) => {
  const workspace = tempFolder({ "a.ts": A, "b.ts": B, "c.ts": "c" });
  await expect(askOf(refactor, input, context(workspace))).rejects.toThrow(message);
});

test("formatting is an edit, and of what is formatted already nothing", async () => {
  const workspace = tempFolder({ "c.ts": "c ;" });
  const path = `${workspace}/c.ts`;
  const formatting = (after: string) =>
    toolContext(workspace, { code: fakeCode({ format: async () => ({ path, before: "c ;", after }) }) });
  const format = { action: "format", path: "c.ts" };
  expect(await call(refactor, format, formatting("c ;"))).toEqual({ text: "c.ts is formatted already" });
  expect(await askOf(refactor, format, formatting("c ;"))).toBeUndefined();
  expect((await call(refactor, format, formatting("c;"))).text).toBe("Formatted c.ts");
  expect(readFileSync(path, "utf8")).toBe("c;");
});
