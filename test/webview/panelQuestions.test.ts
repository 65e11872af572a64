import { expect, test } from "vitest";
import { composer, openPanels } from "./panels.ts";
import { formQuestion, pageQuestion } from "./sceneQuestions.ts";

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
