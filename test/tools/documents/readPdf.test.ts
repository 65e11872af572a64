import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { pdfPart } from "../../../src/tools/documents/pdfPart.ts";
import { readDocument } from "../../../src/tools/documents/readDocument.ts";
import { read } from "../../../src/tools/readTool.ts";
import { JAPANESE_FONT, pdfFile } from "../../fakes/pdfFile.ts";
import { call, tempFolder, toolContext } from "../toolContext.ts";

// Read here, without a thread: what one costs is paid where it is about threads.
const at =
  (files: Record<string, Buffer>) =>
  async (shown: string, part: object = {}): Promise<string> =>
    (await pdfPart({ kind: "pdf", shown, bytes: new Uint8Array(files[shown]!), ...part }, () => {})).text;

test("a PDF's text, page by page, also where its letters are named by a map from elsewhere", async () => {
  const text = at({
    "two.pdf": pdfFile(["Hello (there)\ncafé", "The second"]),
    "mixed.pdf": pdfFile(["A text", "", "Another"]),
    "form.pdf": pdfFile(["Name:"], {
      pageExtra:
        "/Annots [<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ada L.) /Rect [0 0 9 9] >> << /Type /Annot /Subtype /Widget /FT /Tx /Ff 8192 /T (pin) /V (1234) /Rect [0 0 9 9] >>]",
    }),
    "japan.pdf": pdfFile(["\x93\xfa\x96\x7b"], { font: JAPANESE_FONT }),
  });
  expect(await text("two.pdf")).toBe("[page 1]\nHello (there)\ncafé\n\n[page 2]\nThe second");
  expect(await text("two.pdf", { offset: 2 })).toBe("[page 2]\nThe second\n[page 2 of 2]");
  expect(await text("mixed.pdf")).toBe("[page 1]\nA text\n\n[page 2]\n(no text)\n\n[page 3]\nAnother");
  expect(await text("form.pdf")).toBe("[page 1]\nName:\n[field name: Ada L.]\n[field pin: (a password)]");
  expect(await text("japan.pdf")).toBe("[page 1]\n日本");
  await expect(text("two.pdf", { offset: 3 })).rejects.toThrow("two.pdf has 2 pages; there is no page 3");
});

test("a thousand pages come in parts, and a page that is too long is read on in", async () => {
  const pages = Array.from({ length: 1000 }, (_, index) => `This is page ${index + 1}\n${"lorem ipsum\n".repeat(50)}`);
  const long = `BT /F1 1 Tf 9 700 Td ${"(abcdefghijklmnopqrstuvwxyz) Tj 0 0 Td ".repeat(3000)} ET`;
  const text = at({ "long.pdf": pdfFile(pages), "page.pdf": pdfFile([{ content: long }, "end"]) });
  expect(await text("long.pdf")).toMatch(
    /^\[page 1\]\nThis is page 1\n[^]*\n\[pages 1-81 of 1000; read on with offset 82\]$/,
  );
  expect(await text("long.pdf", { offset: 999, limit: 1 })).toMatch(/\[page 999 of 1000; read on with offset 1000\]$/);
  expect(await text("page.pdf")).toMatch(
    /more characters; read on with offset 1, column 50001\]\n\[page 1 of 2; read on/,
  );
  expect(await text("page.pdf", { offset: 1, column: 50_001 })).toMatch(/\n\[page 1, characters 50001-\d+ of \d+\]$/);
});

const edited = (pdf: Buffer, from: string, to: string) =>
  Buffer.from(pdf.toString("latin1").replace(from, to), "latin1");

test("a PDF that cannot be read says why, and a page of it takes no others along", async () => {
  const encrypt = `/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /O (${"a".repeat(32)}) /U (${"b".repeat(32)}) /P -4 >>`;
  const text = at({
    "locked.pdf": pdfFile(["x"], { trailer: encrypt }),
    "scan.pdf": pdfFile(["", ""]),
    "torn.pdf": pdfFile(["Hello"]).subarray(0, 300),
    // The second is not there; a tree that has itself as a branch has no pages.
    "gap.pdf": edited(pdfFile(["one", "two", "three"]), "6 0 R 8 0 R", "0 0 R 8 0 R"),
    "loop.pdf": edited(pdfFile(["one"]), "[4 0 R]", "[2 0 R]"),
    "none.pdf": edited(pdfFile(["one"]), "/Count 1", "/Count 0"),
  });
  expect(await text("gap.pdf")).toMatch(/^\[page 1\]\none\n\n\[page 2\]\n\(this page is damaged: [^\n]+\)$/);
  expect(await text("gap.pdf", { offset: 2, column: 1 })).toContain("(this page is damaged: ");
  expect(await text("loop.pdf")).toMatch(/^\[page 1\]\n\(this page is damaged: .*circular reference/);
  await expect(text("none.pdf")).rejects.toThrow("none.pdf has no pages");
  await expect(text("locked.pdf")).rejects.toEqual(
    new AppError("forbidden", "locked.pdf is encrypted and needs a password"),
  );
  await expect(text("torn.pdf")).rejects.toThrow(/^torn\.pdf is damaged and cannot be read as a PDF: /);
  expect(await text("scan.pdf")).toBe("There is no text on pages 1-2 of 2 in scan.pdf, as where a scanner made them");
});

test("the tool reads it in a thread of its own, and what only has the name as what it is", async () => {
  const folder = tempFolder({
    "a.PDF": pdfFile(["Hello"]),
    "pointer.pdf": "version https://git-lfs.github.com/spec/v1\nsize 3\n",
    "other.pdf": Buffer.from([0, 1, 2]),
  });
  const text = async (path: string) => (await call(read, { path }, toolContext(folder))).text;
  expect(await text("a.PDF")).toBe("[page 1]\nHello");
  expect(await text("pointer.pdf")).toContain("git-lfs");
  await expect(text("other.pdf")).rejects.toThrow("is a binary file");
});

test("a page that unpacks to more than there is room for is stopped, and so is one whose call is cancelled", async () => {
  const bomb = { content: deflateSync(Buffer.alloc(400_000_000, " "), { level: 1 }), filter: "FlateDecode" };
  const bytes = pdfFile(["one", bomb]);
  const request = (own: object = {}) => ({
    kind: "pdf" as const,
    shown: "bomb.pdf",
    bytes: new Uint8Array(bytes),
    ...own,
  });
  const { signal } = new AbortController();
  const room = { ms: 20_000, bytes: 100_000_000 };
  await expect(readDocument(request(), signal, room)).rejects.toThrow(
    "Page 2 of bomb.pdf takes more than 100 MB; read on with offset 3",
  );
  await expect(readDocument(request(), signal, { ms: 1, bytes: 1e9 })).rejects.toThrow(
    /bomb\.pdf takes more than 0.001 s/,
  );
  const stop = new AbortController();
  const reading = readDocument(request(), stop.signal);
  stop.abort(new AppError("conflict", "cancelled"));
  await expect(reading).rejects.toThrow("cancelled");
  // Nor does it wait for the one that is being read.
  const queued = new AbortController();
  const before = readDocument(request(), signal, { ms: 1, bytes: 1e9 }).catch(() => "before");
  const waiting = readDocument(request(), queued.signal).catch((error: Error) => error.message);
  queued.abort(new AppError("conflict", "not begun"));
  expect(await Promise.race([before, waiting])).toBe("not begun");
  await before;
});
