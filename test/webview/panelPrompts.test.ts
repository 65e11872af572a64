import { expect, test } from "vitest";
import { composer, openPanels } from "./panels.ts";
import { putPrompts, say } from "./scenes.ts";

const withPanel = openPanels();

test("a slash offers prompts; one is taken by key, previewed, and sent by its name", () =>
  withPanel({ prepare: putPrompts }, async (panel) => {
    const { page, gateway } = panel;
    await composer(panel).fill("/");
    await expect
      .poll(() => page.getByRole("option").allTextContents())
      .toEqual([
        "/newa message · Begins a session",
        "/plana message · Plans first and changes nothing: for this message, or from now on",
        "/compactSummarises earlier messages, to make room",
        "/modelChooses the session's model",
        "/undoPuts files back as they were before a run",
        "/exportmarkdown or json · Saves the session in a file",
        "/pdfFills forms in PDF files",
        "/release-notesa tag, to · Writes the notes of a release",
        "/reviewa path · Looks at a change",
      ]);
    // Names are whole in a narrow side bar: what they are about gives way.
    await page.setViewportSize({ width: 290, height: 720 });
    expect(await page.evaluate(CUT)).toEqual([]);
    await composer(panel).pressSequentially("re");
    await expect.poll(() => page.getByRole("option").count()).toBe(2);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await expect.poll(() => composer(panel).inputValue()).toBe("/review ");
    await composer(panel).pressSequentially("src");
    await page.getByRole("button", { name: "What is sent" }).click();
    await page.getByText("Look at src with care.").waitFor();
    await composer(panel).press("Enter");
    await gateway.called("sessions.send");
    expect(gateway.callsOf("sessions.send")).toMatchObject([{ prompt: "review", arguments: "src" }]);
    expect(gateway.callsOf("sessions.send")[0]).not.toHaveProperty("message");
  }));

test("Escape closes the list, a name that is none is a message, and a path is no name", () =>
  withPanel({ prepare: putPrompts }, async (panel) => {
    const { page, gateway } = panel;
    await composer(panel).fill("/pd");
    await page.getByRole("option").first().waitFor();
    await composer(panel).press("Escape");
    await expect.poll(() => page.getByRole("option").count()).toBe(0);
    await composer(panel).fill("/etc/hosts holds what?");
    await composer(panel).press("Enter");
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(1);
    await composer(panel).fill("/pdf");
    await composer(panel).press("Enter");
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(2);
    expect(gateway.callsOf("sessions.send")).toMatchObject([
      { message: "/etc/hosts holds what?" },
      { prompt: "pdf", arguments: "" },
    ]);
  }));

test("the transcript shows what was typed, and on demand what the model reads", () =>
  withPanel({}, async ({ page, gateway }) => {
    const prompt = { name: "review", kind: "prompt" as const, text: "Look at src\nwith care." };
    const run = gateway.submit("main", "/review src", { prompt });
    await gateway.emit(run.id, say("Done"));
    const row = page.locator(".user").first();
    await row.getByText("/review src").waitFor();
    expect(await row.getByText("with care.").isVisible()).toBe(false);
    await row.getByText("What the model reads").click();
    await row.getByText("with care.").waitFor();
  }));

test("a command is done and sent to nobody; what it was typed with stays for the message", () =>
  withPanel({ prepare: putPrompts }, async (panel) => {
    const { page, gateway } = panel;
    const file = { name: "a.ts", mediaType: "text/plain", data: "x" };
    await gateway.say({ event: "attach", attachment: file });
    const type = async (text: string) => {
      await composer(panel).fill(text);
      await composer(panel).press("Enter");
    };
    const compacting = gateway.delay("editor.compact");
    await type("/compact");
    await page.getByText("Summarising earlier messages…").waitFor();
    compacting.arrive();
    await page.getByText("Summarising earlier messages…").waitFor({ state: "detached" });
    await type("/model ");
    await gateway.called("editor.pickModel");
    await type("/undo");
    await gateway.called("editor.undoRun");
    await type("/export json");
    await gateway.called("editor.exportSession");
    expect(gateway.callsOf("editor.compact")).toEqual([{ sessionKey: "main" }]);
    expect(gateway.callsOf("editor.exportSession")).toEqual([{ sessionKey: "main", format: "json" }]);
    // With a message, that one is planned; alone, all that follow.
    await type("/plan mend\nadd()");
    await gateway.called("sessions.send");
    expect(gateway.callsOf("sessions.send")).toMatchObject([
      { message: "mend\nadd()", mode: "plan", attachments: [{ name: "a.ts" }] },
    ]);
    await type("/plan");
    await gateway.called("approvals.mode");
    expect(gateway.callsOf("approvals.mode")).toEqual([{ sessionKey: "main", mode: "plan" }]);
    await type("/new now the tests");
    await gateway.called("sessions.create");
    await expect.poll(() => composer(panel).inputValue()).toBe("now the tests");
    expect(gateway.callsOf("sessions.send")).toHaveLength(1);
  }));

test("a command that fails is there again; one with words it does not take is a message, and a prompt goes before its namesake", () =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    gateway.fail("editor.compact", { code: "conflict", message: "A run is under way" });
    await composer(panel).fill("/compact");
    await composer(panel).press("Enter");
    await page.getByText("A run is under way").waitFor();
    await expect.poll(() => composer(panel).inputValue()).toBe("/compact");
    await composer(panel).fill("/compact the list, please");
    await composer(panel).press("Enter");
    await gateway.called("sessions.send");
    const own = { kind: "prompt" as const, from: "user" as const, confirmed: true, notes: [], inputs: [] };
    gateway.setPrompts([{ ...own, name: "undo", path: "/u/undo.md", description: "Explains git reset" }]);
    await composer(panel).fill("/u");
    await expect.poll(() => page.getByRole("option").allTextContents()).toEqual(["/undoExplains git reset"]);
    await composer(panel).fill("/undo");
    await composer(panel).press("Enter");
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(2);
    expect(gateway.callsOf("sessions.send")).toMatchObject([
      { message: "/compact the list, please" },
      { prompt: "undo", arguments: "" },
    ]);
    expect(gateway.callsOf("editor.undoRun")).toEqual([]);
  }));

test("a prompt that was typed before there was anybody to ask, or where that failed, is one all the same", () =>
  withPanel({ held: true, prepare: putPrompts }, async (panel) => {
    const { page, gateway } = panel;
    gateway.fail("prompts.list", { code: "unavailable", message: "The gateway is not running." });
    await composer(panel).fill("/review src");
    await composer(panel).press("Enter");
    await page.getByText("Sent as soon as Pincer is connected.").waitFor();
    await page.reload();
    await page.getByText("Sent as soon as Pincer is connected.").waitFor();
    expect(gateway.callsOf("prompts.list")).toEqual([]);
    await gateway.say({ event: "gateway", state: "running", folders: [] });
    // What it is cannot be told: it stays where it is.
    await page.getByRole("alert").getByText("The gateway is not running.").waitFor();
    await expect.poll(() => composer(panel).inputValue()).toBe("/review src");
    expect(gateway.callsOf("sessions.send")).toEqual([]);
    gateway.fail("prompts.list");
    await composer(panel).press("Enter");
    await gateway.called("sessions.send");
    expect(gateway.callsOf("sessions.send")).toMatchObject([{ prompt: "review", arguments: "src" }]);
    // Until the answer has come it may have to be sent again.
    const sending = () => page.evaluate("JSON.parse(sessionStorage.getItem(location.pathname)).sending");
    await expect.poll(sending).toEqual({});
  }));

test("a draft that names a prompt is one in each session, whichever is shown by then", () =>
  withPanel(
    {
      prepare(gateway) {
        putPrompts(gateway);
        gateway.addSession({ key: "other", title: "Other" });
      },
    },
    async (panel) => {
      const { gateway } = panel;
      const show = async (sessionKey: string) => {
        await gateway.say({ event: "open", sessionKey });
        await expect.poll(() => gateway.callsOf("events.subscribe").at(-1)?.sessionKey).toBe(sessionKey);
      };
      await composer(panel).fill("/review here");
      await show("other");
      await composer(panel).fill("/review there");
      await show("main");
      await expect.poll(() => composer(panel).inputValue()).toBe("/review here");
      await show("other");
      const late = gateway.delay("prompts.list");
      const asked = gateway.callsOf("prompts.list").length;
      await composer(panel).fill("");
      await composer(panel).fill("/review there");
      await expect.poll(() => gateway.callsOf("prompts.list").length).toBe(asked + 1);
      await composer(panel).press("Enter");
      await expect.poll(() => composer(panel).inputValue()).toBe("");
      await gateway.say({ event: "open", sessionKey: "main" });
      await expect.poll(() => composer(panel).inputValue()).toBe("/review here");
      late.arrive();
      await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(1);
      await composer(panel).press("Enter");
      await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(2);
      expect(gateway.callsOf("sessions.send")).toMatchObject([
        { prompt: "review", arguments: "there", sessionKey: "other" },
        { prompt: "review", arguments: "here", sessionKey: "main" },
      ]);
    },
  ));

test("a prompt behind /plan is one, too; a path needs nobody to tell that it is none", () =>
  withPanel({ prepare: putPrompts }, async (panel) => {
    const { gateway } = panel;
    await composer(panel).fill("/plan /review src");
    await composer(panel).press("Enter");
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(1);
    gateway.fail("prompts.list", { code: "internal", message: "It failed." });
    await composer(panel).fill("/usr/bin/env is missing");
    await composer(panel).press("Enter");
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(2);
    expect(gateway.callsOf("sessions.send")).toMatchObject([
      { prompt: "review", arguments: "src", mode: "plan" },
      { message: "/usr/bin/env is missing" },
    ]);
  }));

test("what was to be planned first is planned first when it is tried again, edited in the queue, or recalled", () =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    const send = async (text: string, count: number) => {
      await composer(panel).fill(text);
      await composer(panel).press("Enter");
      await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(count);
    };
    const failed = { type: "failed", error: { code: "provider_error", message: "Overloaded" } } as const;
    await send("/plan mend the shed", 1);
    await gateway.finish("run-1", failed);
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(2);
    // A page that is loaded anew knows it, too.
    await gateway.finish("run-2", failed);
    await page.reload();
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(3);
    await send("/plan paint it", 4);
    const queued = page.locator(".pending", { hasText: "paint it" });
    await composer(panel).fill("In two colours");
    await queued.getByRole("button", { name: "Edit" }).click();
    await expect.poll(() => composer(panel).inputValue()).toBe("/plan paint it\n\nIn two colours");
    await composer(panel).press("Enter");
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(5);
    await composer(panel).press("ArrowUp");
    await expect.poll(() => composer(panel).inputValue()).toBe("/plan mend the shed");
    const again = { message: "mend the shed", mode: "plan" };
    expect(gateway.callsOf("sessions.send")).toMatchObject([
      ...[again, again, again],
      { message: "paint it", mode: "plan" },
      { message: "paint it\n\nIn two colours", mode: "plan" },
    ]);
  }));

const CUT = `[...document.querySelectorAll(".suggestion-name")]
  .filter((name) => name.scrollWidth > name.clientWidth)
  .map((name) => name.textContent)`;
