import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { sessionCommands } from "../../../src/vscode/sessions/sessionCommands.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen, Uri, window as editor } from "../editor/vscode.ts";

beforeEach(() => void openScreen([[/^Export session/, "JSON"]]));

/** A window whose tree has one session selected while its chat shows another. */
function openWindow(messages: object[] = []) {
  const gateway = createEdgeGateway({
    "session.status": ({ sessionKey }: { sessionKey: string }) => ({ sessionKey, title: "Garden" }),
    "sessions.history": { messages, hasMore: false },
  });
  const sessions = { selection: [{ key: "selected" }] };
  const { window } = createEdgeWindow(gateway, { sessions, chat: { sessionKey: "shown" } });
  const exported = async (...args: unknown[]) => {
    await sessionCommands["pincer.exportSession"]!(window, ...args);
    return gateway.calls.find(([name]) => name === "session.status")?.[1];
  };
  return { exported };
}

test.each([
  ["from the palette the session that the chat shows", [], "shown"],
  ["from a row's menu the session of that row", [{ key: "row" }, undefined], "row"],
  ["from the menu of several rows the first of them", [{ key: "b" }, [{ key: "a" }, { key: "b" }]], "a"],
])("what is exported: %s", async (_, args, sessionKey) => {
  Object.assign(editor, { showSaveDialog: async () => undefined });
  expect(await openWindow().exported(...args)).toMatchObject({ sessionKey });
});

test.each([
  [1, "1 message exported to "],
  [2, "2 messages exported to "],
])("an export says how many messages it has: %i", async (count, words) => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-export-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "garden.json");
  Object.assign(editor, { showSaveDialog: async () => Uri.file(path) });
  const messages = Array.from({ length: count }, (_each, at) => ({ seq: at + 1, role: "user", text: "Water it" }));
  await openWindow(messages).exported();
  expect(screen.asked.at(-1)!.text).toBe(`${words}${path}.`);
  expect(JSON.parse(readFileSync(path, "utf8")).messages).toHaveLength(count);
});
