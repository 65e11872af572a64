import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { array, assert, asyncProperty, constantFrom, record } from "../../property.ts";
import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { applyPatch, edit, write } from "../../../src/tools/index.ts";
import { createBufferFiles, type EditorBuffer, type EditorBuffers } from "../../../src/vscode/host/bufferFiles.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { openBench } from "../../core/bench.ts";
import { call as callTool, tempFolder, toolContext } from "../../tools/toolContext.ts";

interface Page {
  text: string;
  dirty: boolean;
}

/** An editor's pages over a folder: an edit takes a moment and is refused when the page changed meanwhile, as in VS Code. */
function fakeEditor({
  saves = true,
  isAway = false,
  fault,
}: { saves?: boolean; isAway?: boolean; fault?: AppError } = {}) {
  const pages = new Map<string, Page>();
  // A window that is away never answers.
  const moment = () => new Promise((resolve) => isAway || setImmediate(resolve));
  const toBuffer = (path: string, page: Page): EditorBuffer => ({
    text: () => page.text,
    isDirty: () => page.dirty,
    encoding: () => "utf-8",
    async replace(before, after) {
      await moment();
      if (page.text !== before) return false;
      Object.assign(page, { text: after, dirty: true });
      return true;
    },
    async save() {
      await moment();
      if (fault) throw fault;
      if (!saves) return;
      writeFileSync(path, page.text);
      page.dirty = false;
    },
  });
  const buffers: EditorBuffers = {
    find: (path) => (pages.has(path) ? toBuffer(path, pages.get(path)!) : undefined),
    async open(path) {
      await moment();
      if (!pages.has(path)) pages.set(path, { text: readFileSync(path, "utf8"), dirty: false });
      return toBuffer(path, pages.get(path)!);
    },
    make: async (path, text) => writeFileSync(path, text, { flag: "wx" }),
    remove: async () => {},
    isAway: () => isAway,
  };
  return { pages, buffers, files: createBufferFiles(buffers, createDiskFiles()) };
}

test("unsaved text counts, a clean page that lags behind does not", async () => {
  const folder = tempFolder({ dirty: "disk", clean: "disk" });
  const { pages, files } = fakeEditor();
  pages.set(join(folder, "dirty"), { text: "typed", dirty: true });
  pages.set(join(folder, "clean"), { text: "before the command wrote", dirty: false });
  expect((await files.readText(join(folder, "dirty"))).text).toBe("typed");
  expect((await files.readText(join(folder, "clean"))).text).toBe("disk");
  await files.writeText(join(folder, "clean"), "new", "disk");
  expect(readFileSync(join(folder, "clean"), "utf8")).toBe("new");
  await expect(files.writeText(join(folder, "dirty"), "new", "disk")).rejects.toMatchObject({ code: "conflict" });
  await expect(files.remove(join(folder, "dirty"))).rejects.toMatchObject({ code: "conflict" });
});

test("while the window is away, files are changed on the disk, and what it holds unsaved is left", async () => {
  const folder = tempFolder({ open: "old", dirty: "disk", shut: "old", gone: "old" });
  const { pages, files } = fakeEditor({ isAway: true });
  pages.set(join(folder, "open"), { text: "old", dirty: false });
  pages.set(join(folder, "dirty"), { text: "typed", dirty: true });
  for (const name of ["open", "shut"]) await files.writeText(join(folder, name), "new", "old");
  await files.writeText(join(folder, "made"), "new", null);
  await files.remove(join(folder, "gone"), "old");
  expect(["open", "shut", "made"].map((name) => readFileSync(join(folder, name), "utf8"))).toEqual([
    "new",
    "new",
    "new",
  ]);
  expect((await files.readText(join(folder, "dirty"))).text).toBe("typed");
  for (const change of [files.writeText(join(folder, "dirty"), "new", "typed"), files.remove(join(folder, "dirty"))])
    await expect(change).rejects.toMatchObject({ code: "unavailable" });
  expect(readFileSync(join(folder, "dirty"), "utf8")).toBe("disk");
});

test("a page that cannot be saved is as it was before, or said to hold the change", async () => {
  const folder = tempFolder({ f: "one" });
  const path = join(folder, "f");
  const { pages, buffers, files } = fakeEditor({ fault: new AppError("unavailable", "f could not be saved") });
  await expect(files.writeText(path, "two", "one")).rejects.toThrow(/^f could not be saved$/);
  expect(pages.get(path)!.text).toBe("one");
  let edits = 0;
  const stuck = (buffer: EditorBuffer): EditorBuffer => ({
    ...buffer,
    replace: async (before, after) => (edits += 1) === 1 && (await buffer.replace(before, after)),
  });
  const once = createBufferFiles({ ...buffers, find: (asked) => stuck(buffers.find(asked)!) }, createDiskFiles());
  await expect(once.writeText(path, "two", "one")).rejects.toThrow(
    "f could not be saved; its page in the editor holds the change, unsaved",
  );
  expect([pages.get(path)!.text, readFileSync(path, "utf8")]).toEqual(["two", "one"]);
});

test("what is typed while an edit is on its way stays", async () => {
  const folder = tempFolder({ f: "one" });
  const { pages, files } = fakeEditor();
  const page = { text: "one", dirty: false };
  pages.set(join(folder, "f"), page);
  const writing = files.writeText(join(folder, "f"), "two", "one");
  while (page.text === "one" && !page.dirty) {
    Object.assign(page, { text: "one, typed", dirty: true });
  }
  await expect(writing).rejects.toMatchObject({ code: "conflict" });
  expect(page.text).toBe("one, typed");
});

test.each(["being", "over"])(
  "what is read while the editor saves it, which is %s, is never half of it",
  async (saving) => {
    const folder = tempFolder({ f: "one" });
    const path = join(folder, "f");
    const saves = Promise.withResolvers<void>();
    const reads = Promise.withResolvers<void>();
    const editor = fakeEditor();
    const disk = createDiskFiles();
    const files = createBufferFiles(editor.buffers, {
      ...disk,
      async readText(asked) {
        await saves.promise;
        const found = await disk.readText(asked);
        reads.resolve();
        return found;
      },
    });
    editor.pages.set(path, { text: "one", dirty: false });
    const reading = files.readText(path);
    // An editor empties a file before it writes it anew.
    writeFileSync(path, "");
    editor.pages.set(path, { text: "two", dirty: true });
    saves.resolve();
    await reads.promise;
    if (saving === "over") {
      writeFileSync(path, "two");
      editor.pages.set(path, { text: "two", dirty: false });
    }
    expect((await reading).text).toBe("two");
  },
);

test("a file that is not UTF-8 keeps its bytes", async () => {
  const folder = tempFolder({ f: Uint8Array.of(0x63, 0x61, 0x66, 0xe9) });
  const { files } = fakeEditor();
  await files.writeText(join(folder, "f"), "café!", "café");
  expect(readFileSync(join(folder, "f"), "latin1")).toBe("café!");
});

test("edits by several sessions through the editor's pages, saved or not, are all kept", async () => {
  const step = record({
    tool: constantFrom("edit", "patch"),
    file: constantFrom("f", "g"),
    session: constantFrom(0, 1),
  });
  await assert(
    asyncProperty(array(step, { minLength: 2, maxLength: 8 }), constantFrom(true, false), async (steps, saves) => {
      const editor = fakeEditor({ saves });
      const bench = await openBench({
        tools: [applyPatch, edit],
        files: editor.files,
        settings: { approvals: "auto" },
      });
      for (const name of ["f", "g"]) writeFileSync(join(bench.folder, name), "start\n");
      // One page is open and unsaved, the other is opened by the first edit.
      editor.pages.set(join(bench.folder, "f"), { text: "start\ntyped\n", dirty: true });
      const keys = await Promise.all([0, 1].map(async () => (await bench.core.sessions.create({})).key));
      const asked = new Set<string>();
      const turn = ({ cacheKey = "" }: { cacheKey?: string }) => {
        if (asked.has(cacheKey)) return ["ok"];
        asked.add(cacheKey);
        return steps.flatMap(({ tool, file, session }, index) => {
          if (keys[session] !== cacheKey) return [];
          const patch = `*** Begin Patch\n*** Update File: ${file}\n@@\n-start\n+start\n+${index}\n*** End Patch`;
          const change = { path: file, oldText: "start\n", newText: `start\n${index}\n` };
          return [tool === "edit" ? call("edit", change, `c${index}`) : call("apply_patch", { patch }, `c${index}`)];
        });
      };
      bench.model.turns.push(turn, turn, turn, turn);
      const origin = { via: "api" as const };
      await Promise.all(
        keys.map(async (sessionKey) => (await bench.core.sessions.send({ text: "go", origin, sessionKey })).outcome),
      );
      for (const [index, { file }] of steps.entries()) {
        const { text } = await editor.files.readText(join(bench.folder, file));
        expect(text.split("\n").filter((line) => line === String(index))).toHaveLength(1);
      }
      expect(editor.pages.get(join(bench.folder, "f"))!.text).toContain("typed");
    }),
    { numRuns: 15 },
  );
});

test("a whole file is not written over text that was typed and not saved; what the agent itself left unsaved is its own", async () => {
  const folder = tempFolder({ "notes.md": "disk" });
  const path = join(folder, "notes.md");
  const { pages, files } = fakeEditor({ saves: false });
  const context = toolContext(folder, { files });
  const put = (content: string) => callTool(write, { path: "notes.md", content }, context);
  await put("first");
  await put("second");
  expect(pages.get(path)).toEqual({ text: "second", dirty: true });
  pages.set(path, { text: "second, and typed", dirty: true });
  await expect(put("third")).rejects.toThrow("notes.md has changes in the editor that are not saved");
  // An edit is merged with it, and it is not the agent's own for that.
  await callTool(edit, { path: "notes.md", oldText: "second", newText: "third" }, context);
  await expect(put("fourth")).rejects.toThrow("not saved");
  expect(pages.get(path)!.text).toBe("third, and typed");
});
