import { expect, onTestFinished, test } from "vitest";
import { ChangeReview } from "../../../src/vscode/chat/changeReview.ts";
import type { VirtualDocuments } from "../../../src/vscode/documents/virtualDocuments.ts";
import type { RouteClient } from "../../../src/client/routeClient.ts";
import { createEdgeGateway, quiet, toGateway } from "../editor/edge.ts";
import { changeText, openScreen, saveDocument, Uri, window, workspace } from "../editor/vscode.ts";

const uri = Uri.file("/w/a.ts");

/** A review of one file, in which a run has made each line that begins with "agent". */
async function openReview(text: string, answers: [about: RegExp, answer: string][] = []) {
  const screen = openScreen(answers);
  const disk = { text };
  const reverted: unknown[] = [];
  const kept: { path: string; why: string }[][] = [];
  const files = () => [{ path: "a.ts", before: "", now: disk.text, hunks: hunksOf(disk.text) }];
  const gateway = createEdgeGateway({
    "checkpoints.list": { checkpoints: [{ runId: "r", beforeSeq: 1 }] },
    "session.status": { workspace: "/w" },
    "changes.get": () => ({ files: files() }),
    "changes.revert": (input: unknown) => ({ kept: (reverted.push(input), kept.shift() ?? []) }),
  });
  const document = {
    ...{ uri, isDirty: false, text },
    async save() {
      if (document.text.includes("unwritable")) return false;
      Object.assign(disk, { text: document.text });
      Object.assign(document, { isDirty: false });
      saveDocument(uri);
      return true;
    },
    type(typed: string) {
      Object.assign(document, { text: typed, isDirty: true });
      changeText(document);
    },
  };
  Object.assign(workspace, { textDocuments: [document] });
  const editor = { document, selection: { active: { line: 0 } } };
  Object.assign(window, { activeTextEditor: editor });
  const documents = { addOf: () => uri } as unknown as VirtualDocuments;
  const review = new ChangeReview({ gateway: toGateway(gateway), documents, log: quiet });
  onTestFinished(() => review.dispose());
  const client = gateway.client() as unknown as RouteClient;
  await review.open(client, "main", 0);
  const lines = () => review.provideCodeLenses({ uri } as never).map(({ range }) => range.start.line);
  const revertAt = async (line: number) => {
    editor.selection.active.line = line;
    await review.revert(client);
  };
  return { screen, review, document, lines, revertAt, reverted, kept };
}

const hunksOf = (text: string) =>
  text
    .split("\n")
    .flatMap((line, at) =>
      line.startsWith("agent")
        ? [{ id: line, beforeStart: 1, beforeLines: 0, nowStart: at + 1, nowLines: 1, kept: false }]
        : [],
    );

const hunks = (reverted: unknown[]) => reverted.map((one) => (one as { hunks: string[] }).hunks);

test("in a file with unsaved text the change under the cursor is the one that is put back", async () => {
  const { document, lines, revertAt, reverted } = await openReview("agent one\nagent two\nold\n");
  expect(lines()).toEqual([0, 0, 1, 1]);
  document.type("mine\nagent one\nagent two\nold\n");
  // No link stands at a line that has moved.
  expect(lines()).toEqual([]);
  await revertAt(1);
  expect(hunks(reverted)).toEqual([["agent one"]]);
  expect(lines()).toEqual([1, 1, 2, 2]);
});

test("what cannot be saved is left alone, and that is said", async () => {
  const { document, revertAt, reverted, screen } = await openReview("agent one\n");
  document.type("unwritable\nagent one\n");
  await revertAt(0);
  expect(reverted).toEqual([]);
  expect(screen.asked.map(({ text }) => text)).toEqual([expect.stringContaining("could not be saved")]);
});

test("why a change stays although it was to be put back anyway is told", async () => {
  const { revertAt, reverted, kept, screen } = await openReview("agent one\n", [[/changed since/, "Put back anyway"]]);
  kept.push([{ path: "a.ts", why: "it was changed since" }], [{ path: "a.ts", why: "it may not be written" }]);
  await revertAt(0);
  expect(hunks(reverted)).toEqual([["agent one"], ["agent one"]]);
  expect(screen.asked.map(({ text }) => text)).toEqual([
    "a.ts stays as it is: it was changed since",
    "a.ts stays as it is: it may not be written",
  ]);
});
