import { expect, test } from "vitest";
import type { PanelOptions, PanelPage } from "./harness.ts";
import { chips, composer, openPanels, transcript } from "./panels.ts";

const withPanel = openPanels();
const options: PanelOptions = {
  prepare(gateway) {
    gateway.addSession({ key: "s-1", title: "Old work" });
    gateway.setFolders(["/work"]);
  },
};
const gone = ({ page }: PanelPage) => page.getByText("This session was deleted. Nothing more can be sent in it.");

async function show({ page, gateway }: PanelPage): Promise<void> {
  await gateway.say({ event: "open", sessionKey: "s-1" });
  await page.getByRole("button", { name: /Old work/ }).waitFor();
  await page.getByRole("heading", { name: "What shall we do?" }).waitFor();
}

test("a session that is deleted while somebody writes in it stays with what is written, which goes on in a new one", () =>
  withPanel(options, async (panel) => {
    const { page, gateway } = panel;
    await show(panel);
    gateway.submit("s-1", "What was said");
    await transcript(panel).getByText("What was said").waitFor();
    await page.getByRole("button", { name: "Attach files…" }).click();
    await expect.poll(() => chips(panel).count()).toBe(1);
    await composer(panel).pressSequentially("Half a sen");
    await gateway.deleteSession("s-1");
    await gone(panel).waitFor();
    await page.keyboard.type("tence");
    await page.keyboard.press("Enter");
    expect(await composer(panel).inputValue()).toBe("Half a sentence");
    expect(await page.getByRole("button", { name: "Send (Enter)" }).isDisabled()).toBe(true);
    // What was said can be read still, and nothing of it is under way.
    await transcript(panel).getByText("What was said").waitFor();
    expect(await page.getByRole("button", { name: "Stop (Escape)" }).count()).toBe(0);
    await page.getByRole("button", { name: "Go on in a new session" }).click();
    await gone(panel).waitFor({ state: "detached" });
    await expect.poll(() => composer(panel).inputValue()).toBe("Half a sentence");
    expect(await chips(panel).count()).toBe(1);
    await page.locator(".composer textarea:focus").waitFor();
    await page.keyboard.press("Enter");
    await gateway.called("sessions.send");
    const [made] = [...gateway.sessions.keys()].slice(-1);
    expect(gateway.callsOf("sessions.send")).toMatchObject([{ sessionKey: made, message: "Half a sentence" }]);
  }));

test("what was written in a session that was deleted while nobody looked is kept, also over another reload", () =>
  withPanel(options, async (panel) => {
    const { page, gateway } = panel;
    await show(panel);
    await composer(panel).fill("not yet sent");
    gateway.sessions.delete("s-1");
    for (let times = 2; times > 0; times -= 1) {
      await page.reload();
      await gone(panel).waitFor();
      expect(await composer(panel).inputValue()).toBe("not yet sent");
    }
    // Once that is gone, too, nothing keeps the session.
    await composer(panel).fill("");
    await page.reload();
    await page.getByRole("button", { name: /Main session/ }).waitFor();
    await page.getByText("The session that was open here was deleted.").waitFor();
  }));

test("what was to be sent as soon as that is possible waits no more in a session that is gone", () =>
  withPanel(options, async (panel) => {
    const { page, gateway } = panel;
    await show(panel);
    await gateway.say({ event: "gateway", state: "stopped" });
    await composer(panel).fill("and then");
    await composer(panel).press("Enter");
    await page.getByText("Sent once the gateway runs.").waitFor();
    gateway.sessions.delete("s-1");
    await gateway.say({ event: "gateway", state: "running" });
    await gone(panel).waitFor();
    await expect.poll(() => composer(panel).inputValue()).toBe("and then");
    await page.locator(".waits").waitFor({ state: "detached" });
  }));

test("a message that was on its way to it is written there again", () =>
  withPanel(options, async (panel) => {
    const { page, gateway } = panel;
    await show(panel);
    const late = gateway.delay("sessions.send");
    await composer(panel).fill("and then");
    await composer(panel).press("Enter");
    await gateway.called("sessions.send");
    await gateway.deleteSession("s-1");
    await gone(panel).waitFor();
    late.arrive();
    await expect.poll(() => composer(panel).inputValue()).toBe("and then");
    // Its page may have gone before that was known.
    await composer(panel).fill("and now");
    gateway.delay("sessions.send");
    gateway.addSession({ key: "s-1" });
    await gateway.emptySession("s-1");
    await gone(panel).waitFor({ state: "detached" });
    await composer(panel).press("Enter");
    await expect.poll(() => gateway.callsOf("sessions.send").length).toBe(2);
    gateway.sessions.delete("s-1");
    await page.reload();
    await gone(panel).waitFor();
    await expect.poll(() => composer(panel).inputValue()).toBe("and now");
  }));

test("one that is brought back elsewhere is written on in", () =>
  withPanel(options, async (panel) => {
    const { gateway } = panel;
    await show(panel);
    await composer(panel).fill("and then");
    const session = gateway.sessions.get("s-1")!;
    await gateway.deleteSession("s-1");
    await gone(panel).waitFor();
    gateway.sessions.set("s-1", session);
    await gateway.emptySession("s-1");
    await gone(panel).waitFor({ state: "detached" });
    await composer(panel).press("Enter");
    await gateway.called("sessions.send");
    expect(gateway.callsOf("sessions.send")).toMatchObject([{ sessionKey: "s-1", message: "and then" }]);
  }));

test("where nothing is written in it the main session takes its place, which is said", () =>
  withPanel(options, async (panel) => {
    const { page, gateway } = panel;
    await show(panel);
    await gateway.deleteSession("s-1");
    await page.getByRole("button", { name: /Main session/ }).waitFor();
    const left = page.getByText("The session that was open here was deleted.");
    await left.waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await left.waitFor({ state: "detached" });
    await page.locator(".composer textarea:focus").waitFor();
  }));
