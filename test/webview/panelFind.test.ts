import { expect, test } from "vitest";
import { composer, openPanels, transcript } from "./panels.ts";
import { twoFrames } from "./harness.ts";
import { fill, say } from "./scenes.ts";
import { toFoundAt } from "../../src/protocol/panel/foundAt.ts";

const withPanel = openPanels();

test("words are found in 10,000 messages, from the newest on, and Escape returns to the composer", () =>
  withPanel({ prepare: (gateway) => fill(gateway, 10_000) }, async (panel) => {
    const { page } = panel;
    await page.getByText("Answer 5000.").waitFor();
    await composer(panel).press("Control+f");
    const input = page.getByRole("textbox", { name: "Find in this session" });
    const bar = page.getByRole("search");
    await input.fill("QUESTION 17:");
    await bar.getByText("1 of 1", { exact: true }).waitFor();
    await transcript(panel).getByText("Question 17: what is stored?").waitFor();
    await expect.poll(() => marked(page)).toEqual(["Question 17:"]);

    await input.fill("question");
    await bar.getByText("5,000 of 5,000", { exact: true }).waitFor();
    await transcript(panel).getByText("Question 5000:").waitFor();
    await input.press("Shift+Enter");
    await bar.getByText("4,999 of 5,000", { exact: true }).waitFor();
    await input.press("Enter");
    await input.press("Enter");
    await bar.getByText("1 of 5,000", { exact: true }).waitFor();
    await transcript(panel).getByText("Question 1:").waitFor();

    await input.press("Escape");
    await expect.poll(() => page.evaluate("document.activeElement.ariaLabel")).toBe("Message");
    await expect.poll(() => page.getByRole("search").count()).toBe(0);
    await expect.poll(() => marked(page)).toEqual([]);
  }));

test("what is drawn is found, not how it was marked; what comes meanwhile is found, too", () =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    const run = gateway.submit("main", "Which harbour?");
    await gateway.emit(run.id, say("The **old har**bour, see [its lighthouse](https://example.com/harbour)."));
    await page.getByText("its lighthouse").waitFor();
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Find…" }).click();
    const input = page.getByRole("textbox", { name: "Find in this session" });
    await input.fill("harbour");
    const bar = page.getByRole("search");
    await bar.getByText("2 of 2", { exact: true }).waitFor();
    await expect.poll(() => marked(page)).toEqual(["harbour"]);
    await gateway.emit(run.id, say("Harbour again."));
    await bar.getByText("3 of 3", { exact: true }).waitFor();
    await input.fill("example.com");
    await bar.getByText("No matches", { exact: true }).waitFor();
  }));

test("code, brackets, escapes and entities are found as they stand there, also in what was typed", () =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    const run = gateway.submit("main", "What is items[0], `**kwargs` and 2 * 3?");
    const code = "```py\nf(**kwargs)\n```";
    await gateway.emit(run.id, say(`\`items[0]\` SIZE of **İSTANBUL** is [ERROR] where a &lt; b, 2 \\* 3:\n\n${code}`));
    await page.getByText("SIZE of İSTANBUL is").waitFor();
    await composer(panel).press("Control+f");
    for (const [words, count] of [
      ["items[0]", 2],
      ["**kwargs", 2],
      ["[ERROR]", 1],
      ["2 * 3", 2],
      ["a < b", 1],
      ["SIZE of İSTANBUL", 1],
    ] as const) {
      await page.getByRole("textbox", { name: "Find in this session" }).fill(words.replace("SIZE", "size"));
      await page.getByRole("search").getByText(`${count} of ${count}`, { exact: true }).waitFor();
      await expect.poll(() => marked(page)).toEqual([words]);
    }
  }));

test("the key that finds is the chat's alone: the editor, which hears of keys from the window, is told all others", () =>
  withPanel({}, async (panel) => {
    const { page } = panel;
    await page.evaluate("window.heard = []; window.addEventListener('keydown', ({ key }) => window.heard.push(key))");
    await composer(panel).press("a");
    await composer(panel).press("Control+f");
    const input = page.getByRole("textbox", { name: "Find in this session" });
    await input.waitFor();
    await page.locator(".find-bar :focus").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("search").count()).toBe(0);
    // Also where nothing of the page has the focus, and where the bar is open already.
    await page.evaluate("document.activeElement.blur()");
    for (let times = 2; times > 0; times -= 1) {
      await page.keyboard.press("Control+f");
      await page.locator(".find-bar input:focus").waitFor();
      await page.evaluate("document.activeElement.blur()");
    }
    expect(await page.evaluate("window.heard")).toEqual(["a", "Control", "Escape", "Control", "Control"]);
  }));

test("the key that finds is the one that has the F elsewhere, where letters are no Latin ones", () =>
  withPanel({}, async (panel) => {
    const { page } = panel;
    const press = (key: string) =>
      composer(panel).dispatchEvent("keydown", { key, code: "KeyF", ctrlKey: true, bubbles: true, cancelable: true });
    // Of a keyboard whose letters stand elsewhere it is another key.
    await press("u");
    expect(await page.getByRole("search").count()).toBe(0);
    await press("а");
    await page.locator(".find-bar :focus").waitFor();
  }));

test("a hit of the sessions' search is gone to, however far back, and marked until the next key; the keyboard is there", () =>
  withPanel(
    {
      prepare(gateway) {
        fill(gateway, 3000);
        gateway.addSession({ key: "other", title: "Harbour" });
      },
    },
    async (panel) => {
      const { page, gateway } = panel;
      await gateway.say({ event: "open", sessionKey: "other" });
      const search = async (words: string) => {
        await page.locator(".session-toggle").click();
        await page.getByRole("combobox").fill(words);
        await page.getByRole("option", { name: new RegExp(words) }).waitFor();
        await page.getByRole("combobox").press("Enter");
      };
      await search("Question 17:");
      await transcript(panel).getByText("Question 17: what is stored?").waitFor();
      await expect.poll(() => marked(page)).toEqual(["Question 17:"]);
      await page.locator(".row.found article:focus", { hasText: "Question 17:" }).waitFor();
      await expect.poll(() => isInSight(page)).toBe(true);
      // In the session that is shown, too; and it is marked no longer than until something else is done.
      await search("Answer 1400.");
      await page.locator(".row.found article:focus", { hasText: "Answer 1400." }).waitFor();
      await expect.poll(() => marked(page)).toEqual(["Answer 1400."]);
      await page.keyboard.press("Shift");
      await expect.poll(() => marked(page)).toEqual([]);
      expect(await page.locator(".row.found").count()).toBe(0);
      await transcript(panel).getByText("Answer 1400.").waitFor();
    },
  ));

test("what the editor's search found is gone to in a page that was left elsewhere; one that is gone opens at the end", () =>
  withPanel({ prepare: (gateway) => fill(gateway, 400) }, async (panel) => {
    const { page, gateway } = panel;
    await page.getByText("Answer 200.").waitFor();
    await composer(panel).press("Control+f");
    await page.getByRole("textbox", { name: "Find in this session" }).fill("Question 150:");
    await transcript(panel).getByText("Question 150:").waitFor();
    const message = gateway.messages.get("main")!.find(({ text }) => text.startsWith("Answer 20."))!;
    const found = toFoundAt([{ seq: message.seq, snippet: "Answer 20. Every", highlights: [{ start: 0, end: 6 }] }]);
    await gateway.say({ event: "open", sessionKey: "main", found });
    await page.locator(".row.found article:focus", { hasText: "Answer 20." }).waitFor();
    await expect.poll(() => marked(page)).toEqual(["Answer"]);
    // What was looked for before is over.
    await expect.poll(() => page.getByRole("search").count()).toBe(0);
    gateway.addSession({ key: "other", title: "Harbour" });
    const run = gateway.submit("other", "Which harbour?");
    await gateway.say({ event: "open", sessionKey: "other", found: { seq: 999, words: ["gone"] } });
    await gateway.emit(run.id, say("The old one.\n\n".repeat(60)), say("That one."));
    await transcript(panel).getByText("That one.").waitFor();
    expect(await page.locator(".row.found").count()).toBe(0);
  }));

test("what is typed after a hit goes into the composer, and Escape leads there and stops nothing", () =>
  withPanel({ prepare: (gateway) => fill(gateway, 400) }, async (panel) => {
    const { page, gateway } = panel;
    await page.getByText("Answer 200.").waitFor();
    gateway.submit("main", "What runs?");
    await transcript(panel).getByText("What runs?").waitFor();
    const { seq } = gateway.messages.get("main")!.find(({ text }) => text.startsWith("Answer 20."))!;
    const goTo = async () => {
      await gateway.say({ event: "open", sessionKey: "main", found: { seq, words: ["Answer"] } });
      await page.locator(".row.found article:focus").waitFor();
    };
    await goTo();
    await page.keyboard.type("and now");
    await page.locator(".composer textarea:focus").waitFor();
    expect(await composer(panel).inputValue()).toBe("and now");
    await goTo();
    await page.keyboard.press("Escape");
    await page.locator(".composer textarea:focus").waitFor();
    expect(gateway.callsOf("runs.cancel")).toEqual([]);
    // There it stops what runs, as ever.
    await page.keyboard.press("Escape");
    await gateway.called("runs.cancel");
  }));

test("a session that is chosen by its title has the keyboard in its composer, and letters that nobody takes go there", () =>
  withPanel({ prepare: (gateway) => void gateway.addSession({ key: "s-1", title: "Harbour" }) }, async (panel) => {
    const { page } = panel;
    for (const title of ["Harbour", "Main session"]) {
      await page.locator(".session-toggle").click();
      await page.getByRole("combobox").fill(title);
      await page.getByRole("option", { name: title }).waitFor();
      if (title === "Harbour") await page.getByRole("combobox").press("Enter");
      else await page.getByRole("option", { name: title }).click();
      await page.locator(".session-toggle", { hasText: title }).waitFor();
      await page.locator(".composer textarea:focus").waitFor();
    }
    await page.locator(".session-toggle").focus();
    await page.keyboard.press("Control+x");
    await page.keyboard.press("Shift+W");
    await page.keyboard.type("hich one?");
    expect(await composer(panel).inputValue()).toBe("Which one?");
  }));

test("a hit that is still on its way leaves the keyboard to who types meanwhile", () =>
  withPanel({ prepare: (gateway) => fill(gateway, 400) }, async (panel) => {
    const { page, gateway } = panel;
    await page.getByText("Answer 200.").waitFor();
    const { seq } = gateway.messages.get("main")!.find(({ text }) => text.startsWith("Answer 20."))!;
    const older = gateway.delay("sessions.history");
    await gateway.say({ event: "open", sessionKey: "main", found: { seq, words: ["Answer"] } });
    await composer(panel).pressSequentially("and");
    older.arrive();
    await page.locator(".row.found article", { hasText: "Answer 20." }).waitFor();
    await twoFrames(page);
    await page.keyboard.type(" now");
    await expect.poll(() => composer(panel).inputValue()).toBe("and now");
  }));

test("words far down in a message that is taller than what is in sight are brought into sight", () =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    const run = gateway.submit("main", "Which harbour?");
    const lines = Array.from(
      { length: 200 },
      (_, at) => `Line ${at} of it.${at % 90 === 5 ? " There, a lighthouse." : ""}`,
    );
    await gateway.emit(run.id, say(lines.join("\n\n")));
    await page.getByText("Line 199 of it.").waitFor();
    await composer(panel).press("Control+f");
    const input = page.getByRole("textbox", { name: "Find in this session" });
    await input.fill("lighthouse");
    for (const at of [3, 2, 1, 3]) {
      await page.getByRole("search").getByText(`${at} of 3`, { exact: true }).waitFor();
      await expect.poll(() => isInSight(page)).toBe(true);
      await input.press("Shift+Enter");
    }
    const { seq } = gateway.messages.get("main")!.at(-1)!;
    await gateway.say({ event: "open", sessionKey: "main", found: { seq, words: ["Line 3 of"] } });
    await expect.poll(() => marked(page)).toEqual(["Line 3 of"]);
    await expect.poll(() => isInSight(page)).toBe(true);
  }));

/** Whether the match that is shown can be seen. */
function isInSight(page: Parameters<Parameters<typeof withPanel>[1]>[0]["page"]): Promise<boolean> {
  return page.evaluate(`(() => {
    const [range] = CSS.highlights.get("found-current") ?? [];
    const sight = document.querySelector("[role=log]").getBoundingClientRect();
    const { top, bottom, height } = range?.getBoundingClientRect() ?? { height: 0 };
    return height > 0 && top >= sight.top && bottom <= sight.bottom;
  })()`);
}

/** What is marked as the match that is shown. */
function marked(page: Parameters<Parameters<typeof withPanel>[1]>[0]["page"]): Promise<string[]> {
  return page.evaluate("[...(CSS.highlights.get('found-current') ?? [])].map((range) => String(range))");
}
