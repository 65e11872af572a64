import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { mkdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Turn } from "../../fakes/modelTurn.ts";
import { standStill } from "../../survival/standStill.ts";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

describe("a machine that sleeps beneath a real editor", () => {
  let editor: Editor;
  let window: EditorWindow;

  beforeAll(async () => {
    editor = await startEditor();
    window = await editor.open();
    await window.waitForStatus("Pincer: running");
    await window.openChat();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  /** An answer that stays in its middle until `release`, and what was asked of the model so far. */
  function scriptHanging(first: Turn, then: Turn) {
    const release = Promise.withResolvers<void>();
    const asked: string[] = [];
    editor.model.script(({ text }) => {
      asked.push(text);
      if (asked.length > 1) return then;
      // Its first half is sent, and the other when that is released.
      return {
        ...first,
        chunks: 2,
        pace: async (piece) => (piece.includes("text_delta") ? release.promise : undefined),
      };
    });
    return { release: release.resolve, asked };
  }

  /** The gateway's process stands still in the middle of an answer until its lease has run out, and goes on. */
  async function sleepOnce(message: string, begun: string): Promise<void> {
    const { pid } = editor.gateway()!;
    await window.send(message);
    await window.panel().locator(".assistant.open", { hasText: begun }).waitFor();
    await standStill(pid, editor.home);
    await expect.poll(() => leftOfLease(editor)).toBeLessThan(-1000);
    process.kill(pid, "SIGCONT");
    await expect.poll(() => leftOfLease(editor)).toBeGreaterThan(0);
    expect(editor.gateway()!.pid).toBe(pid);
  }

  test("awake again with its lease run out, the same gateway leads and its answer goes on, once", async () => {
    const whole = { text: "From the start to the very end." };
    const { release, asked } = scriptHanging(whole, { text: "Told twice." });
    await sleepOnce("Before the night", "From the start");
    release();
    const answer = window.panel().locator(".assistant:not(.open)", { hasText: whole.text });
    await answer.waitFor();
    expect(await answer.count()).toBe(1);
    expect(asked).toHaveLength(1);
    await window.waitForStatus("Pincer: running");
  });

  test("an answer whose line died meanwhile says so, and is told once it is tried again", async () => {
    const whole = { text: "Once more, and whole." };
    const fault = { kind: "reset", at: "stream" } as const;
    const { release, asked } = scriptHanging({ text: "As far as it came, and no further", fault }, whole);
    await sleepOnce("Before a long night", "As far as");
    release();
    const outcome = window.panel().locator(".outcome", { hasText: "No connection to the model" });
    await outcome.waitFor();
    await outcome.getByRole("button", { name: "Retry" }).click();
    await window.panel().locator(".assistant:not(.open)", { hasText: whole.text }).waitFor();
    expect(asked).toHaveLength(2);
  });

  test("another window that was awake leads meanwhile; who wakes joins it, and both show each answer once", async () => {
    const second = path.join(path.dirname(editor.folder), "second");
    mkdirSync(second);
    const other = await editor.open({ folder: second });
    try {
      await other.waitForStatus("Pincer: attached");
      const whole = { text: "Told by whoever was awake." };
      const { release, asked } = scriptHanging({ text: "Told in part, and never heard" }, whole);
      const asleep = editor.gateway()!.pid;
      await window.send("Before the second night");
      await window.panel().locator(".assistant.open", { hasText: "Told in part" }).waitFor();
      await standStill(asleep, editor.home);
      await other.waitForStatus("Pincer: running");
      await expect.poll(() => editor.gateway()?.pid).not.toBe(asleep);
      // What it was at is nobody's once its claim has run out, and is begun again by who is there.
      await expect.poll(() => asked).toHaveLength(2);
      process.kill(asleep, "SIGCONT");
      release();
      await window.waitForStatus("Pincer: attached");
      await window.panel().locator(".assistant:not(.open)", { hasText: whole.text }).waitFor();
      await other.showSession("Main");
      for (const shown of [window, other]) {
        const answer = shown.panel().locator(".assistant:not(.open)", { hasText: whole.text });
        await answer.waitFor();
        expect(await answer.count()).toBe(1);
        expect(await shown.panel().getByText("never heard").count()).toBe(0);
      }
      expect(editor.gateway()!.pid).not.toBe(asleep);
      await other.screenshot("leads since the other slept");
    } finally {
      await other.close();
    }
  });
});

/** Milliseconds until the lease of the gateway runs out. */
function leftOfLease({ home }: Editor): number {
  const db = new DatabaseSync(path.join(home, "pincer.db"), { readOnly: true });
  try {
    return (
      Number(db.prepare("SELECT expires_at FROM leases WHERE name = 'gateway'").get()?.["expires_at"]) - Date.now()
    );
  } finally {
    db.close();
  }
}
