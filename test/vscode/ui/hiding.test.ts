import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Editor, startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

const story = `The beginning. ${Array.from({ length: 600 }, (_, at) => `word${at}`).join(" ")} And the end.`;

describe("the chat of a real editor, hidden and shown again", () => {
  let editor: Editor;
  let window: EditorWindow;
  let sessionKey: string;

  beforeAll(async () => {
    editor = await startEditor();
    window = await editor.open();
    await window.waitForStatus("Pincer: running");
    const made = await editor.call("/api/sessions/create", { title: "Stories", workspace: editor.folder });
    sessionKey = (made as { session: { key: string } }).session.key;
    await window.openTreesAndChat();
    await window.showSession("Stories");
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await window.screenshot(`failed ${task.name}`);
  });
  afterAll(() => editor?.close());

  const answers = () => window.panel().locator(".assistant");
  const log = () => window.panel().getByRole("log");
  const draft = () => window.panel().locator("textarea").first();
  const isOf = (title: string) => window.panel().locator("header", { hasText: title }).waitFor();

  /** What the gateway has stored as the session's answers. */
  async function storedAnswers(): Promise<string[]> {
    const route = `/api/sessions/history?sessionKey=${encodeURIComponent(sessionKey)}`;
    const { messages } = (await editor.call(route)) as { messages: { role: string; text: string }[] };
    return messages.filter(({ role }) => role === "assistant").map(({ text }) => text);
  }

  test("nothing of an answer is lost or doubled, shown while it comes and after it; draft, session and the end stay", async () => {
    const gates = new Map([18, 36].map((piece) => [piece, Promise.withResolvers<void>()]));
    let said = 0;
    editor.model.next({
      text: story,
      chunks: 60,
      async pace(piece) {
        if (!piece.includes('"text_delta"')) return;
        said += 1;
        await gates.get(said)?.promise;
      },
    });
    await window.send("Tell me a story");
    await answers().filter({ hasText: "word150" }).waitFor();
    await draft().fill("Half a thought");
    await window.hideChat();
    gates.get(18)!.resolve();
    await expect.poll(() => said).toBe(36);
    await window.openChat();
    await answers().filter({ hasText: "word300" }).waitFor();
    expect(story.startsWith(await textOf(answers()))).toBe(true);
    await window.hideChat();
    gates.get(36)!.resolve();
    await expect.poll(storedAnswers).toEqual([story]);
    await window.openChat();
    await answers().filter({ hasText: "And the end." }).waitFor();
    expect(await textOf(answers())).toBe(story);
    expect(await answers().count()).toBe(1);
    expect(await window.panel().locator(".user").count()).toBe(1);
    expect(await draft().inputValue()).toBe("Half a thought");
    await isOf("Stories");
    await expect.poll(() => log().evaluate(pixelsToEnd)).toBeLessThan(2);
    expect(await window.panel().getByRole("button", { name: "Jump to latest" }).count()).toBe(0);
    await window.screenshot("hidden and shown at the end");
  });

  test("what is read stays in its place, however much has come beneath", async () => {
    const asked = window.panel().locator(".user", { hasText: "Tell me a story" });
    // As far up as it goes: the wheel's last bit is no event of its own.
    await log().hover();
    await window.page.mouse.wheel(0, -100_000);
    await window.panel().getByRole("button", { name: "Jump to latest" }).waitFor();
    await expect.poll(() => log().evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    await window.page.mouse.wheel(0, 60);
    await expect.poll(() => log().evaluate(({ scrollTop }) => scrollTop)).toBe(60);
    const place = () => asked.evaluate((element) => Math.round(element.getBoundingClientRect().top));
    const before = await place();
    await window.hideChat();
    editor.model.next({ text: story });
    await editor.call("/api/sessions/send", { sessionKey, message: "Once more" });
    await expect.poll(storedAnswers).toEqual([story, story]);
    await window.openChat();
    await expect.poll(place).toBe(before);
    await window.panel().getByRole("button", { name: "Jump to latest" }).click();
    await window.panel().locator(".user", { hasText: "Once more" }).waitFor();
    await expect.poll(() => log().evaluate(pixelsToEnd)).toBeLessThan(2);
  });
});

async function textOf(answer: Locator): Promise<string> {
  return answer.evaluate((element) => element.querySelector("p")?.textContent ?? "");
}

/** Of the page: its type is the browser's. */
function pixelsToEnd(log: { scrollHeight: number; scrollTop: number; clientHeight: number }): number {
  return log.scrollHeight - log.scrollTop - log.clientHeight;
}
