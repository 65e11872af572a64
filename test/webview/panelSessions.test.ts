import { describe, expect, test } from "vitest";
import type { PanelPage } from "./harness.ts";
import { composer, openPanels, pressIn, transcript } from "./panels.ts";
import { toStatus } from "./told.ts";

const withPanel = openPanels();

describe("the session that is shown", () => {
  test("gives way to the main one when it is deleted", () =>
    withPanel({ prepare: (gateway) => void gateway.addSession({ key: "s-1", title: "Old work" }) }, async (panel) => {
      const { page, gateway } = panel;
      const run = gateway.submit("main", "Here I am");
      await gateway.finish(run.id, { type: "done", reply: "" });
      await gateway.say({ event: "open", sessionKey: "s-1" });
      await page.getByRole("button", { name: /Old work/ }).waitFor();
      await gateway.deleteSession("s-1");
      await page.getByRole("button", { name: /Main session/ }).waitFor();
      await transcript(panel).getByText("Here I am").waitFor();
      await expect.poll(() => page.getByRole("alert").count()).toBe(0);
    }));

  test("gives way to the main one when it was deleted while nobody looked", () =>
    withPanel({}, async ({ page, gateway }) => {
      await gateway.say({ event: "open", sessionKey: "gone" });
      await expect
        .poll(() => gateway.callsOf("sessions.history").map(({ sessionKey }) => sessionKey))
        .toContain("gone");
      await expect.poll(() => gateway.callsOf("sessions.history").at(-1)?.sessionKey).toBe("main");
      await page.getByRole("button", { name: /Main session/ }).waitFor();
      expect(await page.getByRole("alert").count()).toBe(0);
      expect(await page.getByText("Untitled").count()).toBe(0);
    }));

  test("says when it works in another window's folder, and offers one that works here", () =>
    withPanel(
      { prepare: (gateway) => void gateway.addSession({ key: "s-1", workspace: "/work/a" }) },
      async (panel) => {
        const { page, gateway } = panel;
        await gateway.say({ event: "gateway", state: "running", folders: ["/work/b"] });
        await gateway.say({ event: "open", sessionKey: "s-1" });
        await page.getByText("This session works in “a”").waitFor();
        await page.getByRole("button", { name: "New session here" }).click();
        await page.getByText("This session works in “a”").waitFor({ state: "detached" });
        expect(gateway.callsOf("sessions.create")).toEqual([{ workspace: "/work/b" }]);
      },
    ));

  test("shows which files of instructions its model is told, and opens those of the folder", () =>
    withPanel(
      {
        prepare(gateway) {
          gateway.setStatus({
            instructions: [
              { path: "/work/AGENTS.md", name: "AGENTS.md", from: "workspace", beneath: "." },
              {
                path: "/home/AGENTS.md",
                name: "the user's AGENTS.md",
                from: "user",
                beneath: ".",
                problem: "is a folder",
              },
            ],
          });
        },
      },
      async ({ page, gateway }) => {
        await page.getByLabel("2 files of instructions in use").click();
        await page.getByText("is a folder").waitFor();
        // As every list that opens: Escape closes it, and a press elsewhere.
        await page.keyboard.press("Escape");
        await page.getByText("is a folder").waitFor({ state: "hidden" });
        await page.getByLabel("2 files of instructions in use").press("Enter");
        await page.getByText("is a folder").waitFor();
        await page.getByRole("heading", { name: "What shall we do?" }).click();
        await page.getByText("is a folder").waitFor({ state: "hidden" });
        await page.getByLabel("2 files of instructions in use").click();
        await page.getByRole("button", { name: "AGENTS.md", exact: true }).click();
        await gateway.called("editor.openFile");
        expect(gateway.callsOf("editor.openFile")).toEqual([{ path: "/work/AGENTS.md" }]);
      },
    ));

  test("shows model, tokens, cost and context as the gateway counts them, after each run anew", () =>
    withPanel({}, async ({ page, gateway }) => {
      const figures = page.locator(".figures");
      const run = async (inputTokens: number, costUsd: number | null, contextTokens: number, known = {}) => {
        const usage = { inputTokens, outputTokens: 200, cacheReadTokens: 30, cacheWriteTokens: 4, costUsd, ...known };
        Object.assign(gateway.sessions.get("main")!, { usage, contextTokens });
        await gateway.finish(gateway.submit("main", "Go").id, { type: "done", reply: "" });
      };
      await page.getByRole("button", { name: "Model: anthropic/claude-sonnet-5-5. Choose another" }).waitFor();
      await run(1000, 0.0123, 50_000);
      await expect.poll(() => figures.innerText()).toBe("1.2K tokens\n$0.0123\n25%");
      const detail = () => figures.locator("[title*=' in, ']").getAttribute("title");
      expect(await detail()).toBe("1K in, 200 out, 30 cached");
      await page.getByRole("img", { name: "25% of the context used: 50K of 200K tokens" }).waitFor();
      await run(2000, 1.5, 190_000);
      await expect.poll(() => figures.innerText()).toBe("2.2K tokens\n$1.50\n95%");
      // A model without a price has none, and no $0.
      await run(3000, null, 190_000);
      await expect.poll(() => figures.innerText()).toBe("3.2K tokens\n95%");
      // Of one that had a price before, what is known goes on to be told.
      await run(4000, null, 190_000, { knownUsd: 0.12 });
      await expect.poll(() => figures.innerText()).toBe("4.2K tokens\n≥ $0.12\n95%");
      const why = "At least: what stopped requests and models without a price cost is not known";
      expect(await figures.getByText("≥ $0.12").getAttribute("title")).toBe(why);
    }));

  test.each([
    ["ask", "ask", "Ask"],
    ["auto", "ask", "Everything in the sandbox"],
    ["auto", "auto", "All unasked"],
    ["plan", "auto", "Plan first"],
  ] as const)("of the mode %s where %s is configured it says %s", (mode, approvals, words) =>
    withPanel({}, async ({ page, gateway }) => {
      const { config } = toStatus(gateway.sessions.get("main")!, "");
      gateway.setStatus({ mode, config: { ...config, approvals } });
      await gateway.finish(gateway.submit("main", "Go").id, { type: "done", reply: "" });
      await page.getByRole("button", { name: `Unasked: ${words}. Choose another` }).waitFor();
    }),
  );

  test("names no model before its model is known, and names none where there is none", () =>
    withPanel({ prepare: (gateway) => void gateway.addSession({ key: "s-1", title: "Old work" }) }, async (panel) => {
      const { page, gateway } = panel;
      await page.getByRole("button", { name: /^Model: / }).waitFor();
      const status = gateway.delay("session.status");
      await gateway.say({ event: "open", sessionKey: "s-1" });
      await page.getByRole("heading", { name: "What shall we do?" }).waitFor();
      expect(await page.getByRole("button", { name: /^Model: / }).count()).toBe(0);
      status.arrive();
      await page.getByRole("button", { name: /^Model: / }).waitFor();
    }));

  test("goes back to before a message that was sent, by what the editor asks", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const run = gateway.submit("main", "Change it");
      await gateway.finish(run.id, { type: "done", reply: "" });
      await transcript(panel).getByText("Change it").hover();
      await page.getByRole("button", { name: "Go back to before this message…" }).click();
      await gateway.called("editor.goBack");
      expect(gateway.callsOf("editor.goBack")).toEqual([{ sessionKey: "main", beforeSeq: expect.any(Number) }]);
    }));

  test("in a window with several folders asks which one a new session works in", () =>
    withPanel({ prepare: (gateway) => gateway.setFolders(["/work/b", "/work/c"]) }, async ({ page, gateway }) => {
      await gateway.called("sessions.create");
      await page.getByRole("button", { name: "New session" }).click();
      await expect.poll(() => gateway.callsOf("sessions.create").at(-1)).toEqual({ workspace: "/work/c" });
      expect(gateway.callsOf("editor.pickFolder")).toHaveLength(1);
    }));

  test("a second project begins with a session of its own, not in the first one's folder", () =>
    withPanel(
      {
        prepare(gateway) {
          gateway.setFolders(["/work/b"]);
          Object.assign(gateway.sessions.get("main")!, { workspace: "/work/a" });
          gateway.addSession({ key: "s-1", title: "Work on b", workspace: "/work/b" });
        },
      },
      async ({ page, gateway }) => {
        await page.getByRole("button", { name: /Work on b/ }).waitFor();
        await composer({ page, gateway } as PanelPage).fill("Hello");
        await composer({ page, gateway } as PanelPage).press("Enter");
        await gateway.called("sessions.send");
        expect(gateway.callsOf("sessions.send")[0]!.sessionKey).toBe("s-1");
      },
    ));

  test("a window without a folder works in none, whatever others have open", () =>
    withPanel(
      { prepare: (gateway) => void Object.assign(gateway.sessions.get("main")!, { workspace: "/work/a" }) },
      async ({ gateway }) => {
        await gateway.called("sessions.create");
        expect(gateway.callsOf("sessions.create")).toEqual([{ workspace: null }]);
      },
    ));

  test("keeps the draft of each session apart", () =>
    withPanel({ prepare: (gateway) => void gateway.addSession({ key: "s-1" }) }, async (panel) => {
      const { gateway } = panel;
      await composer(panel).fill("for main");
      await gateway.say({ event: "attach", attachment: { name: "a.md", mediaType: "text/markdown", data: "# A" } });
      await panel.page.getByText("a.md").waitFor();
      await gateway.say({ event: "open", sessionKey: "s-1" });
      await expect.poll(() => composer(panel).inputValue()).toBe("");
      await composer(panel).fill("for the other");
      await gateway.say({ event: "open", sessionKey: "main" });
      await expect.poll(() => composer(panel).inputValue()).toBe("for main");
      await panel.page.getByText("a.md").waitFor();
      await gateway.say({ event: "open", sessionKey: "s-1" });
      await expect.poll(() => composer(panel).inputValue()).toBe("for the other");
    }));

  test("is read again when it was emptied", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const run = gateway.submit("main", "Forget this");
      await gateway.finish(run.id, { type: "done", reply: "" });
      await page.getByText("Forget this").waitFor();
      await gateway.emptySession("main");
      await page.getByText("Forget this").waitFor({ state: "detached" });
    }));

  test("is found as one types, by titles and by what was said, in groups by day and folder", () =>
    withPanel(
      {
        prepare(gateway) {
          gateway.setFolders(["/work/b"]);
          Object.assign(gateway.sessions.get("main")!, { workspace: "/work/b" });
          const at = new Date(Date.now() - 3 * 86_400_000).toISOString();
          gateway.addSession({ key: "s-1", title: "Garden plans", workspace: "/work/b", updatedAt: at });
          gateway.addSession({ key: "s-2", title: "Far away", workspace: "/work/a" });
          const run = gateway.submit("s-2", "Where do the quinces go?");
          void gateway.finish(run.id, { type: "done", reply: "" });
        },
      },
      async (panel) => {
        const { page } = panel;
        await page.getByRole("button", { name: /Main session/ }).click();
        const list = page.getByRole("listbox", { name: "Sessions" });
        await list.getByRole("option", { name: /Garden plans/ }).waitFor();
        const groups = () => list.getByRole("group").evaluateAll((all) => all.map((one) => one.ariaLabel));
        await expect.poll(groups).toEqual(["Today", "Earlier", "In other folders"]);
        await pressIn(page.locator(".session-picker"), ..."garden");
        await expect.poll(groups).toEqual(["Titles"]);
        await page.getByRole("combobox").fill("quinces");
        await list.getByText("Where do the quinces go?").waitFor();
        await expect.poll(groups).toEqual(["Messages"]);
        await page.keyboard.press("Enter");
        await page.getByRole("button", { name: /Far away/ }).waitFor();
        await transcript(panel).getByText("Where do the quinces go?").waitFor();
        await page.getByRole("button", { name: /Far away/ }).click();
        await page.getByRole("combobox").fill("no such thing");
        await page.getByText("No session has these words.").waitFor();
        await page.keyboard.press("Escape");
        await expect.poll(() => page.getByRole("combobox").count()).toBe(0);
      },
    ));
});

describe("what can be done with sessions", () => {
  test("a title is kept by Enter and by going elsewhere, and left as it was by Escape", () =>
    withPanel({ prepare: (gateway) => void gateway.addSession({ key: "s-1", title: "Harbour" }) }, async (panel) => {
      const { page, gateway } = panel;
      const title = page.getByRole("textbox", { name: "Title of the session" });
      const rename = async (to: string) => {
        await page.getByRole("button", { name: "More actions" }).click();
        await page.getByRole("menuitem", { name: "Rename session" }).click();
        await title.fill(to);
      };
      const hasGone = () => title.waitFor({ state: "detached" });
      const updates = () => gateway.callsOf("sessions.update").map((call) => call.title);
      await gateway.say({ event: "open", sessionKey: "s-1" });
      await page.getByRole("button", { name: /Harbour/ }).waitFor();
      await rename("Not this");
      await title.press("Escape");
      await hasGone();
      await expect.poll(() => page.evaluate("document.activeElement.className")).toBe("session-toggle");
      await rename("Lighthouse");
      await title.press("Enter");
      await page.getByRole("button", { name: /Lighthouse/ }).waitFor();
      await expect.poll(() => page.evaluate("document.activeElement.className")).toBe("session-toggle");
      expect(await page.getByRole("combobox").count()).toBe(0);
      await rename("Pier");
      await composer(panel).focus();
      await page.getByRole("button", { name: /Pier/ }).waitFor();
      // A session that is left under it: no other one takes the words, and it is not renamed still when it is shown again.
      await rename("Left");
      await gateway.say({ event: "open", sessionKey: "main" });
      await page.getByRole("button", { name: /Main session/ }).waitFor();
      await gateway.say({ event: "open", sessionKey: "s-1" });
      await page.getByRole("button", { name: /Pier/ }).waitFor();
      await rename("Gone");
      await gateway.deleteSession("s-1");
      await hasGone();
      await page.getByRole("button", { name: /Main session/ }).waitFor();
      expect(updates()).toEqual(["Lighthouse", "Pier"]);
    }));

  test("Enter waits for what was looked for, and opens none that was found for the words before", () =>
    withPanel(
      {
        prepare(gateway) {
          for (const [key, words] of [
            ["s-1", "Where do the quinces go?"],
            ["s-2", "Where do the medlars go?"],
          ] as const) {
            gateway.addSession({ key, title: `Garden ${key}` });
            void gateway.finish(gateway.submit(key, words).id, { type: "done", reply: "" });
          }
        },
      },
      async (panel) => {
        const { page, gateway } = panel;
        await page.getByRole("button", { name: /Main session/ }).click();
        const search = page.getByRole("combobox");
        await search.fill("quinces");
        await page.getByText("Where do the quinces go?").waitFor();
        const late = gateway.delay("sessions.search");
        await search.fill("medlars");
        await search.press("Enter");
        await expect.poll(() => gateway.callsOf("sessions.search").at(-1)?.query).toBe("medlars");
        expect(await search.count()).toBe(1);
        late.arrive();
        await transcript(panel).getByText("Where do the medlars go?").waitFor();
        await page.getByRole("button", { name: /Garden s-2/ }).waitFor();
      },
    ));

  test("by the keyboard: pinned it stands above, archived it is found by its words alone", () =>
    withPanel(
      {
        prepare(gateway) {
          gateway.addSession({ key: "s-1", title: "Harbour" });
          gateway.addSession({ key: "s-2", title: "Lighthouse" });
        },
      },
      async ({ page, gateway }) => {
        await page.getByRole("button", { name: /Main session/ }).click();
        const search = page.getByRole("combobox");
        const options = () => page.getByRole("option").allInnerTexts();
        await search.fill("Harb");
        await page.getByRole("option", { name: /Harbour/ }).waitFor();
        await search.press("Shift+F10");
        await page.getByRole("menuitem", { name: "Pin" }).press("Enter");
        await expect.poll(() => gateway.callsOf("sessions.update")).toEqual([{ sessionKey: "s-1", pinned: true }]);
        await search.fill("");
        await page
          .getByRole("group", { name: "Pinned" })
          .getByRole("option", { name: /Harbour/ })
          .waitFor();
        await expect.poll(async () => (await options())[0]).toContain("Harbour");

        await page.getByRole("option", { name: /Lighthouse/ }).click({ button: "right" });
        await pressIn(page.getByRole("menu"), "ArrowDown", "Enter");
        await page.getByRole("option", { name: /Lighthouse/ }).waitFor({ state: "detached" });
        await search.fill("Light");
        await page
          .getByRole("group", { name: "Archived" })
          .getByRole("option", { name: /Lighthouse/ })
          .waitFor();
        await search.press("Shift+F10");
        await page.getByRole("menuitem", { name: "Take out of the archive" }).press("Enter");
        await page.getByRole("group", { name: "Titles" }).waitFor();
        await expect.poll(() => page.evaluate("document.activeElement.className")).toBe("session-search");
      },
    ));

  test("what was deleted comes back with Undo, and is shown again where it was", () =>
    withPanel({ prepare: (gateway) => void gateway.addSession({ key: "s-1", title: "Harbour" }) }, async (panel) => {
      const { page, gateway } = panel;
      await gateway.say({ event: "open", sessionKey: "s-1" });
      await page.getByRole("button", { name: /Harbour/ }).waitFor();
      // It is offered for ten seconds, which a busy machine needs for the click.
      await page.evaluate("{ const after = setTimeout; setTimeout = (run, ms) => ms < 10_000 && after(run, ms) }");
      await page.getByRole("button", { name: "More actions" }).click();
      await page.getByRole("menuitem", { name: "Find…" }).press("ArrowUp");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Delete");
      await pressIn(page.getByRole("menu"), "Enter");
      await page.getByRole("button", { name: /Main session/ }).waitFor();
      await page.getByRole("status").getByText("“Harbour” is deleted.").waitFor();
      expect(gateway.callsOf("sessions.delete")).toEqual([{ sessionKey: "s-1", undoSeconds: 15 }]);
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByRole("button", { name: /Harbour/ }).waitFor();
      await expect.poll(() => page.getByText("is deleted").count()).toBe(0);
      await expect.poll(() => page.evaluate("document.activeElement.ariaLabel")).toBe("Message");
    }));

  test("export asks the editor, and the main session is neither deleted nor archived", () =>
    withPanel({}, async ({ page, gateway }) => {
      await page.getByRole("button", { name: "More actions" }).press("Enter");
      await expect
        .poll(() => page.getByRole("menuitem").allInnerTexts())
        .toEqual(["Find… (Ctrl+F)", "Rename session", "Pin", "Export as Markdown…", "Export as JSON…"]);
      await page.getByRole("menuitem", { name: "Export as JSON…" }).click();
      await expect
        .poll(() => gateway.callsOf("editor.exportSession"))
        .toEqual([{ sessionKey: "main", format: "json" }]);
    }));
});
