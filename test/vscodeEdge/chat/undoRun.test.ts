import { describe, expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import { goBack } from "../../../src/vscode/chat/undoRun.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen, Uri, workspace } from "../editor/vscode.ts";

const NEW_SESSION = "Going back in the conversation opens a new session; this one stays as it is.";

const names = (count: number) => Array.from({ length: count }, (_, at) => `src/bed${at}.ts`);

/** Goes back over a run that changed so many files; what was asked, told and opened. */
async function undo(restored: string[], kept: { path: string; why: string }[] = []) {
  openScreen([[/^Go back/, "Files"]]);
  const plan = { restored, removed: [], kept, commands: [], unseen: [], sessionKey: null, undo: "u_1", atWork: null };
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
    detail: `src/bed0.ts\nsrc/bed1.ts\na.md stays as it is: it was changed since\n\n${NEW_SESSION}`,
    told: "Put back as it was: src/bed0.ts, src/bed1.ts",
    opened: [],
  });
});

test("more than the question has room for are a document, so that its buttons are in sight", async () => {
  const kept = [{ path: "a.md", why: "it was changed since" }];
  const { detail, told, opened } = await undo(names(300), kept);
  expect(detail).toBe(`1 file stays as it is.\nAll of it is in the document that is open now.\n\n${NEW_SESSION}`);
  const whole = [...names(300), "a.md stays as it is: it was changed since"].join("\n");
  expect(opened).toEqual([["undo.txt", whole]]);
  expect(told).toBe(`Put back as it was: ${names(10).join(", ")}, [290 more files]`);
});

describe("what is not as it was before", () => {
  const plan = { restored: ["a.ts"], removed: [], kept: [], commands: [], unseen: [], sessionKey: null, undo: "u_1" };

  /** What was asked and told, where the gateway answers so. */
  async function ask(answer: object, refused?: AppError) {
    openScreen([[/^Go back/, "Files"]]);
    const gateway = createEdgeGateway({
      "checkpoints.restore": ({ dryRun }: { dryRun?: boolean }) =>
        refused && !dryRun ? Promise.reject(refused) : { ...plan, ...answer },
      "session.status": { workspace: "/work" },
    });
    const rows = { get: (key: string) => (key === "s_2" ? { title: "Dig" } : undefined) };
    await goBack(createEdgeWindow(gateway, { sessions: { rows } }).window, "s_1", 3);
    return screen.asked.map(({ text, detail }) => [text, ...(detail === undefined ? [] : [detail])]);
  }

  test("files that are deleted are not said to be put back", async () => {
    expect(await ask({ restored: ["a.ts", "b.ts"], removed: ["b.ts"] })).toEqual([
      [
        "Go back to before this message? Files that are put back: 1, that are deleted: 1",
        `a.ts\nb.ts is deleted\n\n${NEW_SESSION}`,
      ],
      ["Put back as it was: a.ts · Deleted: b.ts"],
    ]);
    expect(await ask({ restored: ["b.ts"], removed: ["b.ts"] })).toEqual([
      ["Go back to before this message? Files that are deleted: 1", `b.ts is deleted\n\n${NEW_SESSION}`],
      ["Deleted: b.ts"],
    ]);
  });

  test("text in the editor that is not saved is named before and after", async () => {
    const uri = { fsPath: Uri.file("/work/a.ts").fsPath };
    workspace.textDocuments.push({ uri, isDirty: true } as never, { uri: { fsPath: "/a.ts" }, isDirty: true } as never);
    try {
      const words = "a.ts has unsaved text in the editor, which is kept.";
      expect(await ask({})).toEqual([
        ["Go back to before this message? Files that are put back: 1", `a.ts\n${words}\n\n${NEW_SESSION}`],
        [`Put back as it was: a.ts · ${words}`],
      ]);
    } finally {
      workspace.textDocuments.length = 0;
    }
  });

  test("while the session is at work, or its sub-agent, nothing is asked", async () => {
    expect(await ask({ atWork: "s_1" })).toEqual([["This session is at work. Stop it before you go back."]]);
    expect(await ask({ atWork: "s_2" })).toEqual([["Its sub-agent Dig is at work. Stop it before you go back."]]);
  });

  test("what has begun since it was asked is said, and is no fault", async () => {
    const words = "This session is at work; stop it before you go back";
    expect((await ask({}, new AppError("conflict", words))).at(-1)).toEqual([words]);
  });
});

describe("of the conversation", () => {
  const attachments = [{ name: "a.txt", mediaType: "text/plain", data: "one" }];
  const words = { seq: 3, role: "user", runId: "run_1", text: "Make a bed" };
  const planned = { run: { runId: "run_1", plan: true } };

  /** Goes back before what stands at 3; what the chat shows then, and what is written there. */
  async function talk(message: object, answers: object = {}) {
    openScreen([[/^Go back/, "Conversation only"]]);
    const gateway = createEdgeGateway({
      "checkpoints.restore": { restored: [], kept: [], commands: [], unseen: [], sessionKey: "s_2", undo: null },
      "sessions.history": { messages: [message] },
      "runs.get": { run: { runId: "run_1" } },
      "session.status": { mode: "ask" },
      ...answers,
    });
    const chat: unknown[] = [];
    const show = async (key: string) => void chat.push(key);
    const prefill = async (...given: unknown[]) => void chat.push(given);
    await goBack(createEdgeWindow(gateway, { chat: { show, prefill } }).window, "s_1", 3);
    expect(gateway.calls).toContainEqual(["sessions.history", { sessionKey: "s_1", before: 4, limit: 1 }]);
    return chat;
  }

  test("what was said there is in the composer of the session that goes on", async () => {
    expect(await talk({ ...words, attachments })).toEqual(["s_2", ["Make a bed", attachments]]);
    expect(await talk(words)).toEqual(["s_2", ["Make a bed", []]]);
    // What a fork has of another session has no run.
    const none = () => Promise.reject(new AppError("not_found", "There is no run fork_1"));
    expect(await talk(words, { "runs.get": none })).toEqual(["s_2", ["Make a bed", []]]);
  });

  test("what was to be planned first is to be planned again, unless all is there", async () => {
    expect(await talk(words, { "runs.get": planned })).toEqual(["s_2", ["/plan Make a bed", []]]);
    const chat = await talk(words, { "runs.get": planned, "session.status": { mode: "plan" } });
    expect(chat).toEqual(["s_2", ["Make a bed", []]]);
  });

  test.each([
    ["of another message", { ...words, seq: 2 }],
    ["of the agent", { ...words, role: "assistant" }],
    ["that accepts a plan", { ...words, text: "I accept the plan. Carry it out.", plan: "1. Dig" }],
  ])("nothing is written there %s", async (_which, message) => {
    expect(await talk(message)).toEqual(["s_2"]);
  });
});
