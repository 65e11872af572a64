import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startEditor } from "../vscode/editor.ts";
import type { EditorWindow } from "../vscode/editorWindow.ts";
import { packHostWatch, watchHost } from "./hostWatch.ts";
import type { Figure } from "./run.ts";

const FILES = 5000;
const STREAMS = 4;
const SEARCHES = 5;

/** What the extension host feels of Pincer in a real VS Code: how long it is until it is active, and how late its loop is under work. */
export async function editor(): Promise<Figure[]> {
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at} of a bed with carrots`).join("\n");
  const opened = await startEditor({ config: "agent: { approvals: auto }", beside: packHostWatch });
  try {
    const beds = path.join(opened.folder, "beds");
    mkdirSync(beds);
    for (let at = 0; at < FILES; at++) writeFileSync(path.join(beds, `bed${at}.txt`), lines);
    opened.model.script(({ text, toolResults }) => {
      if (text !== "search") return { text: "word ".repeat(12_000), chunks: 2000, delayMs: 2 };
      if (toolResults.length > 0) return { text: "Nothing." };
      return { toolCalls: [{ name: "grep", input: { pattern: "the last of them", path: "beds" } }] };
    });
    const window = await opened.open();
    await window.waitForStatus("Pincer: running");
    const activeMs = await activation(window);
    // What the editor itself does after its start is not ours.
    await sleep(5000);
    const idle = await watchHost(opened.home, opened.gateway()!.pid, () => sleep(4000));
    const busy = await watchHost(opened.home, opened.gateway()!.pid, async () => {
      const streams = Array.from({ length: STREAMS }, async (_, at) => {
        const made = (await opened.call("/api/sessions/create", { title: `Stream ${at}` })) as { sessionKey: string };
        await opened.call("/api/sessions/send", { sessionKey: made.sessionKey, message: "go", timeoutSeconds: 60 });
      });
      for (let search = 0; search < SEARCHES; search++) {
        await opened.call("/api/sessions/send", { message: "search", timeoutSeconds: 60 });
      }
      await Promise.all(streams);
    });
    const under = "extension host under 4 streams and searches of 5,000 files";
    return [
      { name: "extension host: Pincer is activated, by the editor's own figure", value: activeMs, unit: "ms", aim: 30 },
      { name: "extension host at rest: loop late by, p99", value: idle.p99, unit: "ms" },
      { name: `${under}: loop late by, p99`, value: busy.p99, unit: "ms", aim: 20 },
      { name: `${under}: at most`, value: busy.max, unit: "ms" },
    ];
  } finally {
    await opened.close();
  }
}

/** How long the editor says that its activation took, code and all: in its list of those that run. */
async function activation(window: EditorWindow): Promise<number> {
  await window.runCommand("Developer: Show Running Extensions");
  const row = window.page.locator(".runtime-extensions-editor .extension", { hasText: "Pincer" });
  const said = await row.locator(".activation-time").textContent();
  return Number(/(\d+)\s*ms/.exec(said ?? "")?.[1]);
}
