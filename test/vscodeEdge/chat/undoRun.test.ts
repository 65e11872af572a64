import { expect, test } from "vitest";
import { goBack } from "../../../src/vscode/chat/undoRun.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

const names = (count: number) => Array.from({ length: count }, (_, at) => `src/bed${at}.ts`);

/** Goes back over a run that changed so many files; what was asked, told and opened. */
async function undo(restored: string[], kept: { path: string; why: string }[] = []) {
  openScreen([[/^Go back/, "Files"]]);
  const plan = { restored, kept, commands: [], unseen: [], sessionKey: null, undo: "u_1" };
  const gateway = createEdgeGateway({ "checkpoints.restore": plan });
  const opened: [string, string][] = [];
  const documents = { openText: async (name: string, text: string) => void opened.push([name, text]) };
  await goBack(createEdgeWindow(gateway, { documents }).window, "s_1", 3);
  const [asked, told] = screen.asked;
  return { detail: asked!.detail, told: told!.text, opened };
}

test("a few files that are put back are named in the question, and when it is done", async () => {
  const found = await undo(names(2), [{ path: "a.md", why: "it was changed since" }]);
  expect(found).toEqual({
    detail: "src/bed0.ts\nsrc/bed1.ts\na.md stays as it is: it was changed since",
    told: "Put back as it was: src/bed0.ts, src/bed1.ts",
    opened: [],
  });
});

test("more than the question has room for are a document, so that its buttons are in sight", async () => {
  const kept = [{ path: "a.md", why: "it was changed since" }];
  const { detail, told, opened } = await undo(names(300), kept);
  expect(detail).toBe("1 file stays as it is.\nAll of it is in the document that is open now.");
  const whole = [...names(300), "a.md stays as it is: it was changed since"].join("\n");
  expect(opened).toEqual([["undo.txt", whole]]);
  expect(told).toBe(`Put back as it was: ${names(10).join(", ")}, [290 more files]`);
});
