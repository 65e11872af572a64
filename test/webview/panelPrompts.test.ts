import { expect, test } from "vitest";
import { composer, openPanels } from "./panels.ts";
import { putPrompts, say } from "./scenes.ts";

const withPanel = openPanels();

test("a slash offers prompts; one is taken by key, previewed, and sent by its name", () =>
  withPanel({ prepare: putPrompts }, async (panel) => {
    const { page, gateway } = panel;
    await composer(panel).fill("/");
    await page.getByRole("option").nth(2).waitFor();
    await expect
      .poll(() => page.getByRole("option").allTextContents())
      .toEqual([
        "/pdfFills forms in PDF files",
        "/release-notesa tag, to · Writes the notes of a release",
        "/reviewa path · Looks at a change",
      ]);
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
    await composer(panel).fill("/p");
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
