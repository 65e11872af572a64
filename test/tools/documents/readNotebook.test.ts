import { expect, test } from "vitest";
import { notebookPart } from "../../../src/tools/documents/notebookPart.ts";
import { read } from "../../../src/tools/readTool.ts";
import { call, tempFolder, toolContext } from "../toolContext.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const notebook = (cells: object[], own: object = {}) =>
  JSON.stringify({ nbformat: 4, metadata: { language_info: { name: "python" } }, cells, ...own });

const readAs = (shown: string, content: string, part: object = {}) =>
  notebookPart({ kind: "notebook", shown, bytes: new Uint8Array(Buffer.from(content)), ...part });

test("a notebook is its cells and what they put out, images as images", async () => {
  const { text, images } = await readAs(
    "a.ipynb",
    notebook([
      { cell_type: "markdown", source: ["# Title\n", "Words"] },
      {
        cell_type: "code",
        source: "plot(x)",
        outputs: [
          { output_type: "stream", name: "stdout", text: ["one\n", "\u001b[31mtwo\u001b[0m\n"] },
          { output_type: "display_data", data: { "image/png": `${PNG}\n`, "text/plain": "<Figure>" } },
          { output_type: "execute_result", data: { "text/html": "<table><tr><td>1</td></tr></table>" } },
          { output_type: "execute_result", data: { "application/vnd.widget": {} } },
          { output_type: "error", ename: "E", evalue: "v", traceback: ["\u001b[1mTrace", "E: v"] },
        ],
      },
      { cell_type: "code", source: [], outputs: [] },
    ]),
  );
  expect(text).toBe(
    [
      "[cell 1, markdown]\n# Title\nWords\n",
      "[cell 2, python]\nplot(x)\n[output of cell 2]\none\ntwo\n[output of cell 2]\n[image 1]",
      "[output of cell 2]\n| 1\n[output of cell 2]\n(application/vnd.widget, which is no text)",
      "[output of cell 2]\nTrace\nE: v\n\n[cell 3, python]",
    ].join("\n"),
  );
  expect(images).toEqual([{ name: "image 1", mediaType: "image/png", data: PNG }]);
});

test("a long notebook comes in parts, each with the images of its lines", async () => {
  const image = { output_type: "display_data", data: { "image/png": PNG } };
  const cells = Array.from({ length: 12 }, () => ({ cell_type: "code", source: "x", outputs: [image] }));
  const content = notebook(cells);
  const part = await readAs("b.ipynb", content, { offset: 6, limit: 9 });
  expect(part.text).toMatch(/^\[cell 2, python\][^]*\[lines 6-14 of 59; read on with offset 15\]$/);
  expect(part.images?.map(({ name }) => name)).toEqual(["image 2", "image 3"]);
  const whole = await readAs("b.ipynb", content);
  expect(whole.images).toHaveLength(8);
  expect(whole.text).toContain("[images from 9 on are not shown; read on with offset 44]");
});

test("an image that no model takes is named, a notebook of the older format is read, and what is none says so", async () => {
  const bad = { output_type: "display_data", data: { "image/png": "AAAA" } };
  const odd = await readAs("c.ipynb", notebook([{ cell_type: "code", source: "x", outputs: [bad] }]));
  expect(odd).toMatchObject({ images: [] });
  expect(odd.text).toContain("[image 1 is not shown: it cannot be read as PNG, JPEG, GIF or WebP]");
  const sheets = [{ cells: [{ cell_type: "code", input: "old", outputs: [{ output_type: "pyout", text: ["3"] }] }] }];
  expect((await readAs("old.ipynb", JSON.stringify({ worksheets: sheets }))).text).toBe(
    "[cell 1, code]\nold\n[output of cell 1]\n3",
  );
  expect((await readAs("none.ipynb", notebook([]))).text).toBe("(none.ipynb has no cells)");
  await expect(readAs("d.ipynb", "{oh")).rejects.toThrow(/^d\.ipynb is no notebook: its JSON cannot be read/);
  await expect(readAs("e.ipynb", "{}")).rejects.toThrow("e.ipynb is no notebook: it has no list of cells");
});

test("the tool reads it in a thread of its own; an empty one is an empty file", async () => {
  const folder = tempFolder({ "a.ipynb": notebook([{ cell_type: "raw", source: "as it is" }]), "b.ipynb": "" });
  const text = async (path: string) => (await call(read, { path }, toolContext(folder))).text;
  expect(await text("a.ipynb")).toBe("[cell 1, raw]\nas it is");
  expect(await text("b.ipynb")).toBe("(b.ipynb is empty)");
});
