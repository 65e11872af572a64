import { expect, test } from "vitest";
import { composer, openPanels, transcript } from "./panels.ts";

const withPanel = openPanels();

test("what is sent before the panel is connected says that it waits, and goes once it is, exactly once", () =>
  withPanel({ held: true }, async (panel) => {
    const { page, gateway } = panel;
    await composer(panel).fill("Good morning");
    await composer(panel).press("Enter");
    await page.getByText("Sent as soon as Pincer is connected.").waitFor();
    await composer(panel).press("Enter");
    await gateway.say({ event: "gateway", state: "stopped" });
    await page.getByText("Sent once the gateway runs.").waitFor();
    expect(await composer(panel).inputValue()).toBe("Good morning");

    for (let times = 0; times < 2; times++) await gateway.say({ event: "gateway", state: "running", folders: [] });
    await transcript(panel).getByText("Good morning").waitFor();
    await gateway.say({ event: "gateway", state: "running", folders: [] });
    expect(await composer(panel).inputValue()).toBe("");
    expect(await page.getByText("Sent once").count()).toBe(0);
    expect(gateway.callsOf("sessions.send")).toEqual([
      { message: "Good morning", sessionKey: "main", timeoutSeconds: 0, idempotencyKey: expect.any(String) },
    ]);
  }));

test("what is sent while the gateway is stopped goes once it was started, though the session was read before, and is shown", () =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    await gateway.say({ event: "gateway", state: "stopped" });
    await composer(panel).fill("Good morning");
    await composer(panel).press("Enter");
    await page.getByText("Sent once the gateway runs.").waitFor();
    // As by the palette: the keyboard goes elsewhere.
    await composer(panel).blur();
    await gateway.say({ event: "gateway", state: "starting" });
    await page.getByText("Sent as soon as Pincer is connected.").waitFor();
    await gateway.say({ event: "gateway", state: "running", folders: [] });
    await transcript(panel).getByText("Good morning").waitFor();
    expect(await composer(panel).inputValue()).toBe("");
    expect(gateway.callsOf("sessions.send")).toMatchObject([{ message: "Good morning", sessionKey: "main" }]);
  }));

test("what waits goes from the page that is loaded anew, and from its session when that is shown again", () =>
  withPanel({ held: true, prepare: (gateway) => gateway.addSession({ key: "other" }) }, async (panel) => {
    const { page, gateway } = panel;
    await composer(panel).fill("Good morning");
    await composer(panel).press("Enter");
    await page.getByText("Sent as soon as Pincer is connected.").waitFor();
    await page.reload();
    await page.getByText("Sent as soon as Pincer is connected.").waitFor();
    await gateway.say({ event: "open", sessionKey: "other" });
    await page.getByText("Sent as soon as Pincer is connected.").waitFor({ state: "detached" });
    await gateway.say({ event: "gateway", state: "running", folders: [] });
    await gateway.called("session.status");
    expect(gateway.callsOf("sessions.send")).toEqual([]);
    await gateway.say({ event: "open", sessionKey: "main" });
    await transcript(panel).getByText("Good morning").waitFor();
    expect(gateway.callsOf("sessions.send")).toMatchObject([{ message: "Good morning", sessionKey: "main" }]);
  }));

test("what is written on while it waits is not sent in the middle of a word: it waits for another Enter", () =>
  withPanel({ held: true }, async (panel) => {
    const { page, gateway } = panel;
    const waits = page.getByText("Sent as soon as Pincer is connected.");
    await composer(panel).fill("Good morning");
    await composer(panel).press("Enter");
    await waits.waitFor();
    await composer(panel).pressSequentially(" and");
    await waits.waitFor({ state: "detached" });
    await composer(panel).press("Enter");
    await waits.waitFor();
    // What the editor puts there is no part of it either.
    await gateway.say({ event: "prefill", text: "About this:" });
    await waits.waitFor({ state: "detached" });
    await gateway.say({ event: "gateway", state: "running", folders: [] });
    await gateway.called("session.status");
    await composer(panel).pressSequentially(" all");
    await composer(panel).press("Enter");
    await gateway.called("sessions.send");
    expect(gateway.callsOf("sessions.send")).toMatchObject([{ message: "Good morning and\n\nAbout this: all" }]);
  }));

test("it goes to the session that the window begins with; Escape or a word keep it unsent", () =>
  withPanel(
    {
      held: true,
      prepare(gateway) {
        gateway.addSession({ key: "here", title: "Here", workspace: "/work/b" });
        gateway.sessions.get("main")!.workspace = "/work/a";
      },
    },
    async (panel) => {
      const { page, gateway } = panel;
      await composer(panel).fill("Not yet");
      await composer(panel).press("Enter");
      await composer(panel).press("Escape");
      await page.getByText("Sent as soon").waitFor({ state: "detached" });
      await composer(panel).press("Enter");
      await page.getByRole("button", { name: "Do not send" }).click();
      await composer(panel).fill("Now");
      await composer(panel).press("Enter");
      await gateway.say({ event: "gateway", state: "running", folders: ["/work/b"] });
      await transcript(panel).getByText("Now").waitFor();
      expect(gateway.callsOf("sessions.send")).toMatchObject([{ message: "Now", sessionKey: "here" }]);
    },
  ));

test("a window that shows its first session makes one, however often it is told that the gateway runs meanwhile", () =>
  withPanel(
    { held: true, prepare: (gateway) => (gateway.sessions.get("main")!.workspace = "/work/a") },
    async (panel) => {
      const { gateway } = panel;
      const late = gateway.delay("sessions.list");
      for (let times = 0; times < 3; times++)
        await gateway.say({ event: "gateway", state: "running", folders: ["/work/b"] });
      await gateway.called("sessions.list");
      late.arrive();
      await gateway.called("sessions.history");
      await composer(panel).fill("Here");
      await composer(panel).press("Enter");
      await transcript(panel).getByText("Here").waitFor();
      expect(gateway.callsOf("sessions.create")).toEqual([{ workspace: "/work/b" }]);
    },
  ));
