import { expect, test } from "vitest";
import { HunkHints } from "../../../src/vscode/chat/hunkHints.ts";
import { openScreen, Range, Uri, window } from "../editor/vscode.ts";

const hunk = (id: string, nowStart: number, nowLines: number) => ({
  ...{ id, nowStart, nowLines, beforeStart: nowStart, beforeLines: 1, kept: false },
});

/** Where hints are put into an editor over ten lines. */
function openEditor(uri: unknown, viewColumn?: number) {
  const lines: number[] = [];
  const lineAt = (line: number) => ({ range: new Range({ line, character: 0 }, { line, character: 9 }) });
  const setDecorations = (_type: unknown, hints: { range: Range }[]) => {
    lines.splice(0, lines.length, ...hints.map(({ range }) => range.start.line));
  };
  return { lines, document: { uri, lineCount: 10, lineAt }, viewColumn, setDecorations };
}

test("a hint stands at each change of a comparison, and there both answers are links", () => {
  openScreen();
  const uri = Uri.file("/w/a.ts");
  let open = [hunk("one", 1, 2), hunk("gone", 0, 0), hunk("last", 11, 0)];
  const hints = new HunkHints((asked) => (asked.toString() === uri.toString() ? open : []));
  const [compared, plain, other] = [openEditor(uri), openEditor(uri, 1), openEditor(Uri.file("/w/b.ts"))];
  window.visibleTextEditors.push(compared, plain, other);
  hints.draw();
  expect([compared.lines, plain.lines, other.lines]).toEqual([[0, 0, 9], [], []]);
  const at = (line: number) =>
    hints.provideHover({ uri } as never, { line } as never)?.contents as unknown as
      | { value: string; isTrusted: unknown }
      | undefined;
  const given = encodeURIComponent(JSON.stringify(["file:///w/a.ts", "one"]));
  expect(at(1)).toEqual({
    value: `[Keep this change](command:pincer.keepChange?${given}) | [Put this change back](command:pincer.revertChange?${given})`,
    isTrusted: { enabledCommands: ["pincer.keepChange", "pincer.revertChange"] },
  });
  expect(at(5)).toBeUndefined();
  open = [];
  hints.draw();
  expect(compared.lines).toEqual([]);
  window.visibleTextEditors.length = 0;
  hints.dispose();
});
