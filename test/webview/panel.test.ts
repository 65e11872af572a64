import { describe, expect, test } from "vitest";
import type { RunOutcome } from "../../src/protocol/run.ts";
import { model } from "./told.ts";
import { composer, openPanels, transcript } from "./panels.ts";
import { answer, say } from "./scenes.ts";

const withPanel = openPanels();

describe("streaming", () => {
  test("paints what arrives as it arrives, and ends with what is stored", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const run = gateway.submit("main", "Explain the loop");
      const seen = new Set<string>();
      const shown = () => page.locator(".assistant").textContent();
      for (let at = 0; at < answer.length; at += 120) {
        await gateway.emit(run.id, { type: "text.delta", text: answer.slice(at, at + 120) });
        // Each part is there before the next one comes.
        await expect.poll(async () => !["", ...seen].includes((await shown()) ?? "")).toBe(true);
        seen.add((await shown()) ?? "");
      }
      expect(seen.size).toBeGreaterThan(5);
      await page.locator(".assistant").evaluate((element) => (element.dataset["kept"] = "yes"));
      const reply = answer.replace("three things", "3 things");
      await gateway.emit(run.id, say(reply));
      await gateway.finish(run.id, { type: "done", reply });
      await expect.poll(() => page.locator(".assistant").textContent()).toContain("It does 3 things");
      // The row is the same one, so neither a selection nor the place is lost.
      expect(await page.locator(".assistant").getAttribute("data-kept")).toBe("yes");
      expect(await page.locator(".code .hljs-keyword").count()).toBeGreaterThan(3);
    }));

  test("lists of things to do have boxes, and what people type keeps its lines, with code drawn", () =>
    withPanel({}, async ({ page, gateway }) => {
      const typed =
        "Look at **/*.ts:\n  indented <b>line</b>\n```ts\nconst a = 1;\n```\nand `b` at https://example.org/x";
      const run = gateway.submit("main", typed);
      await gateway.emit(run.id, say("- [x] read it\n- [ ] mend it\n- [link](https://example.org)\n- [ ]"));
      await page.getByRole("img", { name: "done" }).waitFor();
      expect(await page.locator(".task-box").count()).toBe(2);
      expect(await page.getByText("mend it").innerText()).not.toContain("[ ]");
      const user = page.locator(".user-text");
      expect((await user.locator("p").first().innerText()).split("\n")).toEqual([
        "Look at **/*.ts:",
        "  indented <b>line</b>",
      ]);
      expect(await user.locator(".code code").innerText()).toBe("const a = 1;");
      expect(await user.locator("p code").innerText()).toBe("b");
      expect(await user.locator("a").getAttribute("data-url")).toBe("https://example.org/x");
    }));

  test("leaves finished blocks alone", () =>
    withPanel({}, async ({ page, gateway }) => {
      const run = gateway.submit("main", "Go");
      await gateway.emit(run.id, { type: "text.delta", text: "First paragraph.\n\nSecond " });
      await page.getByText("Second").waitFor();
      await page.getByText("First paragraph.").evaluate((element) => (element.dataset["kept"] = "yes"));
      await gateway.emit(run.id, { type: "text.delta", text: "paragraph, **now whole**." });
      await page.getByText("now whole").waitFor();
      expect(await page.getByText("First paragraph.").getAttribute("data-kept")).toBe("yes");
    }));

  test("an event that is told twice is shown once", () =>
    withPanel({}, async ({ page, gateway }) => {
      const run = gateway.submit("main", "Go");
      await gateway.emit(run.id, { type: "text.delta", text: "Once only." });
      await page.getByText("Once only.").waitFor();
      await gateway.repeat();
      await gateway.emit(run.id, { type: "text.delta", text: " The end." });
      await page.getByText("Once only. The end.", { exact: true }).waitFor();
      expect(await page.getByText("Go", { exact: true }).count()).toBe(1);
    }));

  test("tells screen readers once, when the answer is complete", () =>
    withPanel({}, async ({ page, gateway }) => {
      const status = page.locator("[role=status][aria-live=polite]");
      const run = gateway.submit("main", "Go");
      await gateway.emit(run.id, { type: "text.delta", text: "Nearly" });
      await page.getByText("Nearly").waitFor();
      expect(await status.textContent()).toBe("");
      await gateway.finish(run.id, { type: "done", reply: "Nearly **done**." });
      await expect.poll(() => status.textContent()).toBe("Answer complete. Nearly done.");
      const reply = [
        "Set **ANTHROPIC_API_KEY**, a_b and `5 > 4`.",
        "````md\n```\nNot this.\n```\nNor this.\n````",
        "---",
        "- One\n- [Two](https://example.com)",
      ];
      await gateway.finish(gateway.submit("main", "On").id, { type: "done", reply: reply.join("\n\n") });
      const words = "Set ANTHROPIC_API_KEY, a_b and 5 > 4. One Two";
      await expect.poll(() => status.textContent()).toBe(`Answer complete. ${words}`);
      expect(await page.getByRole("log").getAttribute("aria-live")).toBe("off");
    }));

  test("tells screen readers of a run that fails or is stopped, and of the same words again", () =>
    withPanel({}, async ({ page, gateway }) => {
      const status = page.locator("[role=status][aria-live=polite]");
      const end = (outcome: RunOutcome) => gateway.finish(gateway.submit("main", "Go").id, outcome);
      await end({ type: "failed", error: { code: "internal", message: "The request is not as it should be." } });
      await expect.poll(() => status.textContent()).toBe("The request is not as it should be.");
      await end({ type: "timed_out", reply: "" });
      await expect.poll(() => status.textContent()).toBe("Stopped: the run passed its time limit.");
      await end({ type: "done", reply: "Done." });
      await expect.poll(() => status.textContent()).toBe("Answer complete. Done.");
      // The answer to a message that was taken into another run is that run's.
      await end({ type: "done", reply: "", joined: "another" });
      await page.evaluate(`void (window.told = new Promise((resolve) =>
        new MutationObserver(() => resolve(true)).observe(document.querySelector("[role=status][aria-live=polite]"), {
          subtree: true, childList: true, characterData: true,
        })))`);
      await end({ type: "done", reply: "Done." });
      expect(await page.evaluate("window.told")).toBe(true);
    }));

  test("thinking stays one quiet line until it is opened", () =>
    withPanel({}, async ({ page, gateway }) => {
      const run = gateway.submit("main", "Go");
      await gateway.emit(run.id, { type: "thinking.delta", text: "Let me see" }, { type: "text.delta", text: "Here." });
      expect(await page.getByText("Let me see").count()).toBe(0);
      await page.getByRole("button", { name: /Thought for/ }).click();
      await page.getByText("Let me see").waitFor();
    }));
});

describe("sending and stopping", () => {
  test("Enter sends, Shift+Enter breaks the line", () =>
    withPanel({}, async (panel) => {
      await composer(panel).focus();
      await panel.page.keyboard.type("First line");
      await panel.page.keyboard.press("Shift+Enter");
      await panel.page.keyboard.type("second line");
      await panel.page.keyboard.press("Enter");
      await panel.page.locator(".user:not(.pending)").waitFor();
      expect(panel.gateway.callsOf("sessions.send")).toEqual([
        {
          ...{ message: "First line\nsecond line", sessionKey: "main", timeoutSeconds: 0 },
          idempotencyKey: expect.any(String),
        },
      ]);
      expect(await composer(panel).inputValue()).toBe("");
    }));

  test("Enter belongs to an input method while it composes", () =>
    withPanel({}, async (panel) => {
      await composer(panel).fill("nihon");
      const keydown = (init: object) => composer(panel).dispatchEvent("keydown", { key: "Enter", ...init });
      await keydown({ isComposing: true });
      await keydown({ keyCode: 229 });
      expect(await composer(panel).inputValue()).toBe("nihon");
      expect(panel.gateway.callsOf("sessions.send")).toEqual([]);
      await keydown({});
      await panel.gateway.called("sessions.send");
    }));

  test("Escape belongs to an input method while it composes, and stops no run", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      gateway.submit("main", "Go");
      await page.getByRole("button", { name: "Stop" }).waitFor();
      await page.keyboard.press("ControlOrMeta+F");
      const find = page.getByRole("textbox", { name: "Find in this session" });
      for (const input of [composer(panel), find]) {
        await input.dispatchEvent("keydown", { key: "Escape", isComposing: true });
        await input.dispatchEvent("keydown", { key: "Process", keyCode: 229 });
        await input.dispatchEvent("keydown", { key: "Escape", keyCode: 229 });
      }
      await find.waitFor();
      expect(gateway.callsOf("runs.cancel")).toEqual([]);
      await composer(panel).press("Escape");
      await gateway.called("runs.cancel");
    }));

  test("Escape stops the run, and what was written is kept", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const run = gateway.submit("main", "Write a poem");
      await gateway.emit(run.id, { type: "text.delta", text: "Once upon" });
      await page.getByText("Once upon").waitFor();
      await composer(panel).focus();
      await page.keyboard.press("Escape");
      await gateway.called("runs.cancel");
      await gateway.emit(run.id, say("Once upon", { ended: "stopped" }));
      await page.locator(".outcome").getByText("Stopped", { exact: true }).waitFor();
      await page.getByText("Once upon").waitFor();
      expect(await page.getByRole("button", { name: /^Stop/ }).count()).toBe(0);
    }));

  test("the stop button stops", () =>
    withPanel({}, async ({ page, gateway }) => {
      gateway.submit("main", "Write a poem");
      await page.getByRole("button", { name: "Stop (Escape)" }).click();
      await page.locator(".outcome").getByText("Stopped", { exact: true }).waitFor();
    }));

  test("a message sent meanwhile is queued, and shown so", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const first = gateway.submit("main", "One");
      await page.getByText("One", { exact: true }).waitFor();
      await composer(panel).fill("Two");
      await composer(panel).press("Enter");
      await page.getByText("Queued").waitFor();
      await gateway.finish(first.id, { type: "done", reply: "" });
      await page.getByText("Queued").waitFor({ state: "detached" });
      expect(await page.getByText("Two", { exact: true }).count()).toBe(1);
    }));

  test("Stop leaves what waits behind the run, and it begins", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const first = gateway.submit("main", "One");
      await page.getByText("One", { exact: true }).waitFor();
      const second = gateway.submit("main", "Two");
      await page.getByText("Queued").waitFor();
      await page.getByRole("button", { name: "Stop (Escape)" }).click();
      await page.locator(".outcome").getByText("Stopped", { exact: true }).waitFor();
      await page.getByText("Queued").waitFor({ state: "detached" });
      expect(gateway.callsOf("runs.cancel")).toEqual([{ runId: first.id }]);
      expect(second.state).toBe("running");
    }));

  test("what waits and is removed takes nothing of the answer that is being written, nor of the stop that was asked for", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const { id } = gateway.submit("main", "One");
      await page.getByText("One", { exact: true }).waitFor();
      const [, third] = ["Two", "Three"].map((text) => gateway.submit("main", text));
      await gateway.emit(id, { type: "text.delta", text: "abc" });
      await transcript(panel).getByText("abc").waitFor();
      const queued = (text: string) => page.locator(".pending", { hasText: text });
      await queued("Two").getByRole("button", { name: "Remove" }).click();
      await queued("Two").waitFor({ state: "detached" });
      await gateway.emit(id, { type: "text.delta", text: "def" });
      await transcript(panel).getByText("abcdef").waitFor();
      // Asked for, and not yet done.
      const late = gateway.delay("runs.cancel");
      await page.getByRole("button", { name: "Stop (Escape)" }).click();
      const stopping = page.getByRole("button", { name: "Stopping" });
      await stopping.waitFor();
      await gateway.finish(third!.id, { type: "cancelled", reply: "" });
      await queued("Three").waitFor({ state: "detached" });
      expect(await stopping.count()).toBe(1);
      late.arrive();
      await stopping.waitFor({ state: "detached" });
    }));

  test("an answer that is begun anew is shown from there, without what its worker before had written", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const { id } = gateway.submit("main", "One");
      await gateway.emit(id, { type: "text.delta", text: "abc" });
      await transcript(panel).getByText("abc").waitFor();
      await gateway.emit(id, { type: "run.resumed" }, { type: "text.delta", text: "xyz" });
      await expect.poll(async () => (await page.locator(".assistant").textContent())?.trim()).toBe("xyz");
    }));

  test("what waits can be edited, removed and sent now", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const first = gateway.submit("main", "One");
      await page.getByText("One", { exact: true }).waitFor();
      const [second, third, fourth] = ["Two", "Three", "Four"].map((text) => gateway.submit("main", text));
      const queued = (text: string) => page.locator(".pending", { hasText: text });
      await queued("Three").getByRole("button", { name: "Remove" }).click();
      await queued("Three").waitFor({ state: "detached" });
      await queued("Four").getByRole("button", { name: "Edit" }).click();
      await expect.poll(() => composer(panel).inputValue()).toBe("Four");
      expect(await page.getByRole("button", { name: "Send now" }).count()).toBe(1);
      await queued("Two").getByRole("button", { name: "Send now" }).click();
      await queued("Two").waitFor({ state: "detached" });
      const cancelled = [third, fourth, first].map((run) => ({ runId: run!.id }));
      expect(gateway.callsOf("runs.cancel")).toEqual(cancelled);
      expect(second!.state).toBe("running");
    }));

  test("what a run said before it failed stands above how it failed", () =>
    withPanel({}, async ({ page, gateway }) => {
      const run = gateway.submit("main", "Go");
      await gateway.emit(run.id, { type: "run.notice", text: "Trying again in 2 s" });
      await gateway.finish(run.id, { type: "failed", error: { code: "provider_error", message: "It is down." } });
      const outcome = page.locator(".outcome").getByText("It is down.");
      const notice = page.getByText("Trying again");
      await outcome.waitFor();
      expect((await notice.boundingBox())!.y).toBeLessThan((await outcome.boundingBox())!.y);
    }));

  test("what could not be sent comes back into the composer, with the reason", () =>
    withPanel({}, async (panel) => {
      panel.gateway.fail("sessions.send", { code: "unavailable", message: "The disk is full" });
      await composer(panel).fill("Keep me");
      await composer(panel).press("Enter");
      await panel.page.getByRole("alert").getByText("The disk is full").waitFor();
      await expect.poll(() => composer(panel).inputValue()).toBe("Keep me");
      expect(await panel.page.locator(".pending").count()).toBe(0);
    }));

  test("what is too large for a frame is not sent, and says so", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      for (const name of ["a.txt", "b.txt"])
        await gateway.say({
          event: "attach",
          attachment: { name, mediaType: "text/plain", data: "x".repeat(600_000) },
        });
      await composer(panel).fill("Read both");
      await composer(panel).press("Enter");
      await page
        .getByRole("alert")
        .getByText(/over 1 MB/)
        .waitFor();
      await page.getByRole("button", { name: "Remove a.txt" }).click();
      await composer(panel).press("Enter");
      await gateway.called("sessions.send");
      expect(gateway.callsOf("sessions.send")).toHaveLength(1);
    }));

  test("a rate limit counts down until the next try makes sense", () =>
    withPanel({}, async ({ page, gateway }) => {
      const run = gateway.submit("main", "Go");
      const message = "Anthropic limits the rate of requests: slow down. Try again in an hour.";
      await gateway.finish(run.id, {
        type: "failed",
        error: { code: "rate_limited", message, retryAfterMs: 3_600_000 },
      });
      await page.locator(".outcome").getByText("Too many requests for now").waitFor();
      const waits = page.getByRole("button", { name: /^Retry in 5\d:\d\d$/ });
      expect(await waits.isDisabled()).toBe(true);
      const before = await waits.innerText();
      await expect.poll(() => waits.innerText()).not.toBe(before);
      // An hour goes by.
      await page.evaluate("{ const now = Date.now; Date.now = () => now() + 3_600_000 }");
      await page.getByRole("button", { name: "Retry", exact: true }).click();
      await expect.poll(() => gateway.callsOf("sessions.send").map(({ message: sent }) => sent)).toEqual(["Go"]);
    }));

  test("Up recalls the last prompt, and only into an empty composer", () =>
    withPanel({ prepare: (gateway) => void gateway.submit("main", "My last prompt") }, async (panel) => {
      await panel.page.getByText("My last prompt").waitFor();
      await composer(panel).fill("Not empty");
      await composer(panel).press("ArrowUp");
      expect(await composer(panel).inputValue()).toBe("Not empty");
      await composer(panel).fill("");
      await composer(panel).press("ArrowUp");
      expect(await composer(panel).inputValue()).toBe("My last prompt");
    }));

  test("where no model is ready there is one way to set one up, and one to the documentation", () =>
    withPanel({ prepare: (gateway) => gateway.setModels([model("offline/demo")]) }, async ({ page, gateway }) => {
      const screen = page.locator(".screen");
      await screen.getByRole("button", { name: "Set up a model…" }).waitFor();
      expect(await screen.locator(".button.primary").count()).toBe(1);
      await screen.getByRole("button", { name: "Documentation" }).click();
      await expect.poll(() => gateway.callsOf("editor.openDocumentation")).toEqual([{}]);
    }));

  test("attachments are chips that can be taken off, and are sent", () =>
    withPanel({ prepare: (gateway) => gateway.setModels([model("local/qwen3", { images: false })]) }, async (panel) => {
      const { page, gateway } = panel;
      await page.getByRole("button", { name: "Attach files…" }).click();
      await page.getByText("notes.md").waitFor();
      await gateway.say({ event: "attach", attachment: { name: "b.png", mediaType: "image/png", data: "aGk=" } });
      await page.getByText("qwen3 can't read images").waitFor({ state: "attached" });
      await page.getByRole("button", { name: "Remove b.png" }).click();
      await composer(panel).fill("See notes");
      await composer(panel).press("Enter");
      await gateway.called("sessions.send");
      expect(gateway.callsOf("sessions.send")[0]?.attachments).toEqual([
        { name: "notes.md", mediaType: "text/markdown", data: "# Notes" },
      ]);
    }));
});
