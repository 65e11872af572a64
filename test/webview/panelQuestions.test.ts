import { expect, test } from "vitest";
import { composer, openPanels } from "./panels.ts";
import { commandApproval, editApproval } from "./sceneApprovals.ts";
import { formQuestion, pageQuestion } from "./sceneQuestions.ts";
import { callTool } from "./scenes.ts";

const withPanel = openPanels();
const NAME = "The MCP server travel asks";

test("a server's form is filled in with the keyboard alone: what is wrong stands at its field, and the defaults are there", () =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    await composer(panel).focus();
    await gateway.ask(formQuestion());
    await expect
      .poll(() => page.locator("[role=status][aria-live=polite]").textContent())
      .toBe("The MCP server travel asks: What kind of room is it to be?");
    const card = page.getByRole("form", { name: NAME });
    await card.getByText("Called for: book_room in “Main session”", { exact: true }).waitFor();
    const { keyboard } = page;
    await card.getByRole("textbox", { name: "City" }).focus();
    // It would stop the run, and sends nothing either.
    await keyboard.press("Escape");
    await keyboard.press("Enter");
    const city = card.getByRole("textbox", { name: "City", description: "An answer is needed here." });
    await city.waitFor();
    expect(await card.locator(".field-fault:not(:empty)").allTextContents()).toEqual([
      "An answer is needed here.",
      "An answer is needed here.",
    ]);
    await city.and(page.locator(":focus")).waitFor();
    await keyboard.type("Kyoto");
    const nights = card.getByRole("spinbutton", { name: "Nights" });
    await nights.focus();
    await keyboard.press("ControlOrMeta+A");
    await keyboard.type("15");
    await card.getByText("1 to 14").nth(1).waitFor();
    await keyboard.press("Backspace");
    await card.getByText("1 to 14").nth(1).waitFor({ state: "detached" });
    await keyboard.press("Tab");
    await keyboard.press("d");
    await keyboard.press("Tab");
    for (const key of ["Space", "Tab", "Space", "Tab", "Space", "Tab"]) await keyboard.press(key);
    await card.getByText("at most 2 choices").nth(1).waitFor();
    await keyboard.press("Shift+Tab");
    await keyboard.press("Space");
    await card.getByText("at most 2 choices").nth(1).waitFor({ state: "detached" });
    await card.getByRole("textbox", { name: "Mail" }).fill("ada");
    await keyboard.press("Enter");
    await card.getByText("Type an e-mail address").waitFor();
    expect(gateway.callsOf("mcp.answer")).toEqual([]);
    await keyboard.type("@example.org");
    await keyboard.press("Enter");
    await card.waitFor({ state: "detached" });
    expect(gateway.callsOf("mcp.answer")).toEqual([
      {
        id: "ask_1",
        action: "accept",
        content: {
          ...{ city: "Kyoto", from: "2026-12-01", nights: 1, room: "d", extras: ["breakfast", "parking"], quiet: true },
          mail: "ada@example.org",
        },
      },
    ]);
    expect(gateway.callsOf("runs.cancel")).toEqual([]);
    // The keyboard is where it was before the question came.
    await expect.poll(() => page.evaluate<string>("document.activeElement.tagName")).toBe("TEXTAREA");
  }));

test("what is written survives a reload of the page, and what the gateway refuses is said in the card", () =>
  withPanel({ prepare: (gateway) => void gateway.ask(formQuestion()) }, async ({ page, gateway }) => {
    const card = page.getByRole("form", { name: NAME });
    await card.getByRole("textbox", { name: "City" }).fill("Kyoto");
    await card.getByRole("combobox", { name: "Room" }).selectOption("single");
    await gateway.ask(pageQuestion());
    await page.reload();
    const city = card.first().getByRole("textbox", { name: "City" });
    await expect.poll(() => city.inputValue()).toBe("Kyoto");
    expect(await card.count()).toBe(2);
    // An editor that was asked to answer puts the cursor there.
    await gateway.say({ event: "answer" });
    await city.and(page.locator(":focus")).waitFor();
    gateway.fail("mcp.answer", { code: "bad_request", message: "content: city: Nobody lives there" });
    await card.first().getByRole("button", { name: "Send" }).click();
    await card.first().getByRole("alert").getByText("city: Nobody lives there").waitFor();
    gateway.fail("mcp.answer");
    await card.first().getByRole("button", { name: "Decline" }).click();
    await expect.poll(() => card.count()).toBe(1);
    await gateway.settleQuestion("ask_2", "cancel");
    await card.waitFor({ state: "detached" });
    expect(gateway.callsOf("mcp.answer").map(({ action }) => action)).toEqual(["accept", "decline"]);
  }));

test("a page that a server wants opened is shown whole, opened by a click alone, and agreed to only where it was opened", () =>
  withPanel({}, async ({ page, gateway }) => {
    gateway.keepLinksShut();
    await gateway.ask(pageQuestion());
    const card = page.getByRole("form", { name: NAME });
    await card.getByText("pay.travel.example", { exact: true }).waitFor();
    const { address } = pageQuestion().page!;
    await card.getByText(address, { exact: true }).waitFor();
    expect(await card.locator("a").count()).toBe(0);
    expect(gateway.callsOf("editor.openLink")).toEqual([]);
    await card.getByRole("button", { name: "Open page" }).click();
    await gateway.called("editor.openLink");
    expect(gateway.callsOf("editor.openLink")).toEqual([{ url: address }]);
    await card.getByRole("button", { name: "Cancel" }).click();
    await card.waitFor({ state: "detached" });
    expect(gateway.callsOf("mcp.answer")).toEqual([{ id: "ask_2", action: "cancel" }]);
  }));

test("the press that answers one question leaves the keyboard at the next one, and opens or sends nothing there", () =>
  withPanel({}, async ({ page, gateway }) => {
    await gateway.ask(formQuestion());
    await gateway.ask(pageQuestion());
    await gateway.ask(formQuestion({ id: "ask_3", fields: [] }));
    const cards = page.getByRole("form", { name: NAME });
    await cards.nth(2).waitFor();
    for (const left of [2, 1]) {
      await cards.first().getByRole("button", { name: "Decline" }).click();
      await expect.poll(() => cards.count()).toBe(left);
      await page.locator(":is(.question:focus, .question :focus)").waitFor();
      await page.keyboard.down("Enter");
      await page.keyboard.down("Enter");
      await page.keyboard.up("Enter");
    }
    expect(gateway.callsOf("editor.openLink")).toEqual([]);
    expect(gateway.callsOf("mcp.answer").map(({ action }) => action)).toEqual(["decline", "decline"]);
  }));

test("the press that answers one question does nothing more: not to the next question, and not in the composer", () =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    const { keyboard } = page;
    await composer(panel).fill("Half a thought");
    const run = gateway.submit("main", "Fix it");
    await gateway.emit(
      run.id,
      ...callTool("call-edit", "edit", { path: "src/add.ts" }),
      { type: "approval.asked", approval: editApproval(run.id) },
      ...callTool("call-exec", "exec", { command: "npm test" }),
      { type: "approval.asked", approval: commandApproval(run.id) },
    );
    await page.getByRole("button", { name: "Allow once" }).nth(1).waitFor();
    await page.getByRole("button", { name: "Allow once" }).first().click();
    await page.locator(".approval").nth(1).waitFor({ state: "detached" });
    await page.locator(":is(.approval:focus, .approval :focus)").waitFor();
    for (const key of ["n", "o", "Space", "Enter"]) await keyboard.press(key);
    const deny = page.locator(".approval").getByRole("button", { name: "Deny" });
    await deny.focus();
    await keyboard.down("Enter");
    await page.locator("textarea:focus").waitFor();
    // Held, it goes on where the keyboard is now.
    await keyboard.down("Enter");
    await keyboard.up("Enter");
    expect(await composer(panel).inputValue()).toBe("Half a thought");
    expect(gateway.callsOf("approvals.answer")).toEqual([
      { id: "approval-1", decision: "allow" },
      { id: "approval-2", decision: "deny" },
    ]);
    expect(gateway.callsOf("sessions.send")).toEqual([]);
  }));
