import { describe, expect, test } from "vitest";
import type { PanelPage } from "./harness.ts";
import { chips, composer, openPanels } from "./panels.ts";
import { toFileRef } from "./told.ts";
import { nearby } from "./nearby.ts";

const withPanel = openPanels();

const options = ({ page }: PanelPage) => page.getByRole("option");
const active = ({ page }: PanelPage) =>
  page.evaluate<string | undefined>(
    "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent",
  );

describe("what a message carries", () => {
  test("@ lists it, the keyboard chooses, and it is read when the message is sent", () =>
    withPanel({ prepare: (gateway) => gateway.setContext(nearby) }, async (panel) => {
      const { page, gateway } = panel;
      await composer(panel).pressSequentially("Why does @");
      await options(panel).first().waitFor();
      expect(await page.getByRole("listbox").getAttribute("aria-label")).toMatch(/attach/);
      await composer(panel).pressSequentially("add");
      await expect.poll(() => options(panel).count()).toBe(2);
      await expect.poll(() => active(panel)).toContain("add.ts");
      await page.keyboard.press("ArrowDown");
      await expect.poll(() => active(panel)).toContain("add.test.ts");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await expect.poll(() => composer(panel).inputValue()).toBe("Why does ");
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["add.ts"]);
      await composer(panel).pressSequentially("it fail? #Prob");
      await expect.poll(() => options(panel).count()).toBe(1);
      await options(panel).first().click();
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["add.ts", "Problems"]);
      expect(gateway.callsOf("editor.readContext")).toEqual([]);
      await composer(panel).press("Enter");
      await gateway.called("sessions.send");
      expect(gateway.callsOf("editor.readContext")).toEqual([{ refs: [nearby[1]!.ref, nearby[4]!.ref] }]);
      expect(gateway.callsOf("sessions.send")[0]).toMatchObject({
        message: "Why does it fail?",
        attachments: [
          { name: "src/calculator/add.ts", data: "what src/calculator/add.ts is now" },
          { name: "Problems", data: "what Problems is now" },
        ],
      });
      await expect.poll(() => chips(panel).count()).toBe(0);
    }));

  test("what is chosen while an answer is on its way stays chosen, and takes the word as it stands by then", () =>
    withPanel({ prepare: (gateway) => gateway.setContext(nearby) }, async (panel) => {
      const { page, gateway } = panel;
      await composer(panel).pressSequentially("@a");
      // Not those of "@" any more.
      await expect.poll(() => options(panel).count()).toBe(5);
      const late = gateway.delay("editor.findContext");
      await composer(panel).pressSequentially("dd");
      await expect.poll(() => gateway.callsOf("editor.findContext").at(-1)?.query).toBe("add");
      await page.keyboard.press("ArrowDown");
      expect(await active(panel)).toContain("add.test.ts");
      late.arrive();
      await expect.poll(() => options(panel).count()).toBe(2);
      await expect.poll(() => active(panel)).toContain("add.test.ts");
      await composer(panel).press("Enter");
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["add.test.ts"]);

      await composer(panel).pressSequentially("see @a");
      await expect.poll(() => options(panel).count()).toBe(5);
      gateway.delay("editor.findContext");
      await composer(panel).pressSequentially("dd");
      await composer(panel).press("Enter");
      await expect.poll(() => composer(panel).inputValue()).toBe("see ");
    }));

  test("Escape closes the list and stops nothing; another word opens it again", () =>
    withPanel({ prepare: (gateway) => gateway.setContext(nearby) }, async (panel) => {
      const { page, gateway } = panel;
      gateway.submit("main", "Go");
      await page.getByRole("button", { name: "Stop (Escape)" }).waitFor();
      await composer(panel).pressSequentially("@ad");
      await options(panel).first().waitFor();
      await page.keyboard.press("Escape");
      await expect.poll(() => options(panel).count()).toBe(0);
      await composer(panel).pressSequentially("d");
      await expect.poll(() => gateway.callsOf("editor.findContext").length).toBe(3);
      expect(await options(panel).count()).toBe(0);
      expect(gateway.callsOf("runs.cancel")).toEqual([]);
      await composer(panel).pressSequentially(" @Te");
      await options(panel).first().waitFor();
    }));

  test("Shift+Enter breaks the line and Shift+Tab goes back, also while the list is open", () =>
    withPanel({ prepare: (gateway) => gateway.setContext(nearby) }, async (panel) => {
      const { page } = panel;
      for (const key of ["Shift+Enter", "Shift+Tab"]) {
        await composer(panel).fill("@a");
        await options(panel).first().waitFor();
        await composer(panel).press(key);
        await expect.poll(() => options(panel).count()).toBe(0);
        expect(await composer(panel).inputValue()).toBe(key === "Shift+Enter" ? "@a\n" : "@a");
      }
      expect(await page.evaluate("document.activeElement.tagName")).not.toBe("TEXTAREA");
      expect(await chips(panel).count()).toBe(0);
    }));

  test("an address and a heading open no list", () =>
    withPanel({ prepare: (gateway) => gateway.setContext(nearby) }, async (panel) => {
      await composer(panel).pressSequentially("ann@example.org\n## Title");
      await expect.poll(() => composer(panel).inputValue()).toContain("Title");
      expect(await options(panel).count()).toBe(0);
    }));

  test("what may not be read is said, and the message stays to be changed", () =>
    withPanel(
      { prepare: (gateway) => gateway.setContext([], [".env is not attached: .env may hold secrets"]) },
      async (panel) => {
        const { page, gateway } = panel;
        await gateway.say({ event: "mention", ref: toFileRef(".env") });
        await composer(panel).fill("Look");
        await composer(panel).press("Enter");
        await page.getByRole("alert").getByText(".env may hold secrets").waitFor();
        await expect.poll(() => composer(panel).inputValue()).toBe("Look");
        await expect.poll(() => chips(panel).allTextContents()).toEqual([".env"]);
        expect(gateway.callsOf("sessions.send")).toEqual([]);
      },
    ));

  test("chips say their lines, are kept with the session's draft and over a reload, and go by the keyboard", () =>
    withPanel({ prepare: (gateway) => void gateway.addSession({ key: "s-1" }) }, async (panel) => {
      const { page, gateway } = panel;
      await gateway.say({ event: "mention", ref: toFileRef("src/main.ts", 10, 24) });
      await gateway.say({ event: "mention", ref: toFileRef("src/app/run.ts", 1, 2) });
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["main.ts:10-24", "run.ts:1-2"]);
      await gateway.say({ event: "open", sessionKey: "s-1" });
      await expect.poll(() => chips(panel).count()).toBe(0);
      await gateway.say({ event: "open", sessionKey: "main" });
      await expect.poll(() => chips(panel).count()).toBe(2);
      await page.reload();
      await expect.poll(() => chips(panel).count()).toBe(2);
      await composer(panel).focus();
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("Enter");
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["main.ts:10-24"]);
      await expect.poll(() => page.evaluate<string>("document.activeElement.tagName")).toBe("TEXTAREA");
      // The end of one that was held to clear the text.
      await composer(panel).dispatchEvent("keydown", { key: "Backspace", repeat: true, bubbles: true });
      await page.keyboard.press("Control+Backspace");
      expect(await chips(panel).count()).toBe(1);
      await page.keyboard.press("Backspace");
      await expect.poll(() => chips(panel).count()).toBe(0);
    }));

  test("a queued message that is edited has all that it was sent with, and its chips are read anew", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      gateway.submit("main", "Go");
      await page.getByRole("button", { name: "Stop (Escape)" }).waitFor();
      await gateway.say({ event: "mention", ref: toFileRef("src/main.ts", 10, 24) });
      await gateway.say({ event: "attach", attachment: { name: "a.md", mediaType: "text/markdown", data: "# A" } });
      await composer(panel).fill("Then this");
      await composer(panel).press("Enter");
      await page.locator(".pending", { hasText: "Then this" }).getByRole("button", { name: "Edit" }).click();
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["a.md", "main.ts:10-24"]);
      await expect.poll(() => composer(panel).inputValue()).toBe("Then this");
      await composer(panel).press("Enter");
      await expect.poll(() => gateway.callsOf("editor.readContext").length).toBe(2);
      await expect.poll(() => gateway.callsOf("sessions.send").at(-1)?.attachments?.length).toBe(2);
    }));
});
