import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Tool } from "../../src/core/ports/tool.ts";
import { applyPatch } from "../../src/tools/applyPatchTool.ts";
import { edit } from "../../src/tools/editTool.ts";
import { memory } from "../../src/tools/memoryTool.ts";
import { write } from "../../src/tools/writeTool.ts";
import { tempFolder, toolContext } from "./toolContext.ts";

// What a file's text does not show, and what a user who was asked did not see.
const BEFORE = "one\n";
const MEANWHILE: Record<string, (path: string) => void> = {
  "a byte order mark": (path) => writeFileSync(path, `\uFEFF${BEFORE}`),
  "UTF-16": (path) => writeFileSync(path, Buffer.from(`\uFEFF${BEFORE}`, "utf16le")),
  "other line endings": (path) => writeFileSync(path, BEFORE.replaceAll("\n", "\r\n")),
  ...(process.platform === "win32" ? {} : { "another mode": (path: string) => chmodSync(path, 0o755) }),
};

const patch = (...lines: string[]) => ({ patch: ["*** Begin Patch", ...lines, "*** End Patch"].join("\n") });
const CALLS: Record<string, [tool: Tool<never>, input: unknown]> = {
  edit: [edit as Tool<never>, { path: "a", oldText: "one", newText: "two" }],
  write: [write as Tool<never>, { path: "a", content: "two\n" }],
  "apply_patch, a change": [applyPatch as Tool<never>, patch("*** Update File: a", "@@", "-one", "+two")],
  "apply_patch, a move": [
    applyPatch as Tool<never>,
    patch("*** Update File: a", "*** Move to: b", "@@", "-one", "+two"),
  ],
  "apply_patch, a deletion": [applyPatch as Tool<never>, patch("*** Delete File: a")],
  memory: [memory as Tool<never>, { action: "append", text: "two" }],
};

test.each(Object.entries(CALLS))(
  "%s is not done to a file that got other bytes or rights meanwhile",
  async (name, [tool, input]) => {
    for (const [what, change] of Object.entries(MEANWHILE)) {
      const file = name === "memory" ? ".pincer/memory.md" : "a";
      const folder = tempFolder({ [file]: BEFORE });
      const path = join(folder, file);
      chmodSync(path, 0o644);
      const context = toolContext(folder);
      const prepared = await tool.prepare(tool.input.parse(input), context);
      change(path);
      const left = readFileSync(path);
      await expect(prepared.run(), what).rejects.toMatchObject({ code: "conflict" });
      expect(readFileSync(path), what).toEqual(left);
    }
  },
);

test("what was written again with the same bytes is as it was shown", async () => {
  const folder = tempFolder({ a: BEFORE });
  const prepared = await edit.prepare({ path: "a", oldText: "one", newText: "two" }, toolContext(folder));
  rmSync(join(folder, "a"));
  writeFileSync(join(folder, "a"), BEFORE);
  await prepared.run();
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("two\n");
});
