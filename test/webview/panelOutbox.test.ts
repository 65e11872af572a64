import { expect, test } from "vitest";
import { chips, composer, openPanels, transcript } from "./panels.ts";
import { nearby } from "./nearby.ts";

const withPanel = openPanels();

test("what was sent while its page was thrown away is in the composer again, chips and all, where the gateway did not take it", () =>
  withPanel({ prepare: (gateway) => gateway.setContext(nearby) }, async (panel) => {
    const { page, gateway } = panel;
    await composer(panel).pressSequentially("#Prob");
    await expect.poll(() => page.getByRole("option").count()).toBe(1);
    await page.keyboard.press("Enter");
    await composer(panel).pressSequentially("Why does it fail?");
    // What a chip means is being read.
    gateway.delay("editor.readContext");
    await composer(panel).press("Enter");
    await gateway.called("editor.readContext");
    expect(await composer(panel).inputValue()).toBe("");
    await page.reload();
    await expect.poll(() => composer(panel).inputValue()).toBe("Why does it fail?");
    expect(await chips(panel).allTextContents()).toEqual(["Problems"]);
    expect(gateway.callsOf("sessions.send")).toEqual([]);
    await page.reload();
    await gateway.called("session.status");
    expect(await composer(panel).inputValue()).toBe("Why does it fail?");
  }));

test("what goes with a command is kept as it was typed, and known by what was said of it", () =>
  withPanel({ prepare: (gateway) => gateway.setContext(nearby) }, async (panel) => {
    const { page, gateway } = panel;
    await composer(panel).pressSequentially("#Prob");
    await expect.poll(() => page.getByRole("option").count()).toBe(1);
    await page.keyboard.press("Enter");
    await composer(panel).pressSequentially("/plan the garden");
    const late = gateway.delay("editor.readContext");
    await composer(panel).press("Enter");
    await gateway.called("editor.readContext");
    await page.reload();
    await expect.poll(() => composer(panel).inputValue()).toBe("/plan the garden");
    expect(await chips(panel).allTextContents()).toEqual(["Problems"]);
    late.arrive();
    gateway.loseAnswer("sessions.send");
    await composer(panel).press("Enter");
    await gateway.called("sessions.send");
    await page.reload();
    await transcript(panel).getByText("the garden").waitFor();
    await expect.poll(() => page.evaluate("JSON.parse(sessionStorage.getItem(location.pathname)).sending")).toEqual({});
    expect(await composer(panel).inputValue()).toBe("");
  }));

test.each([
  ["it is being answered", 0],
  ["it waits behind another", 1],
])("what the gateway took before the page was thrown away is not in the composer again: %s", (_how, before) =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    for (let run = 0; run < before; run++) {
      gateway.submit("main", "Before");
      await transcript(panel).getByText("Before").waitFor();
    }
    gateway.loseAnswer("sessions.send");
    await composer(panel).fill("Good morning");
    await composer(panel).press("Enter");
    await gateway.called("sessions.send");
    await page.reload();
    await transcript(panel).getByText("Good morning").waitFor();
    await expect.poll(() => page.evaluate("JSON.parse(sessionStorage.getItem(location.pathname)).sending")).toEqual({});
    expect(await composer(panel).inputValue()).toBe("");
  }),
);

test.each([
  ["not in the composer again, for it was taken", true],
  ["in the composer again, for it was not", false],
])("what the gateway went away over is looked for when it is back, and is %s", (how, isTaken) =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    // It is stored, and whoever would say so is gone.
    const late = gateway.delay("sessions.history");
    gateway.fail("sessions.send", { code: "unavailable", message: "The gateway went away" });
    await composer(panel).fill("Good morning");
    await composer(panel).press("Enter");
    await page.getByRole("alert").getByText("The gateway went away").waitFor();
    expect(await composer(panel).inputValue()).toBe("");
    if (isTaken) gateway.submit("main", "Good morning");
    late.arrive();
    await expect.poll(() => page.evaluate("JSON.parse(sessionStorage.getItem(location.pathname)).sending")).toEqual({});
    expect(await composer(panel).inputValue()).toBe(isTaken ? "" : "Good morning");
    expect([how, await transcript(panel).getByText("Good morning").count()]).toEqual([how, isTaken ? 1 : 0]);
  }),
);

test("what may have been taken is sent again as the same call while it is as it was, and as another once it is not", () =>
  withPanel({}, async (panel) => {
    const { page, gateway } = panel;
    gateway.fail("sessions.send", { code: "timed_out", message: "It took too long" });
    const keys = () =>
      gateway.callsOf("sessions.send").map((call) => (call as { idempotencyKey?: string }).idempotencyKey);
    const send = async (count: number) => {
      await composer(panel).press("Enter");
      await expect.poll(() => keys().length).toBe(count);
      await expect.poll(() => composer(panel).inputValue()).not.toBe("");
    };
    await composer(panel).fill("Good morning");
    await send(1);
    await page.reload();
    await expect.poll(() => composer(panel).inputValue()).toBe("Good morning");
    await gateway.called("session.status");
    await send(2);
    await composer(panel).fill("Good evening");
    await send(3);
    // Refused for good, it was not taken: what mends that makes another call of it.
    gateway.fail("sessions.send", { code: "bad_request", message: "No" });
    await send(4);
    await send(5);
    const [first, second, third, fourth, fifth] = keys();
    expect([second === first, third === first, fourth === third, fifth === fourth]).toEqual([true, false, true, false]);
  }));

test("what was written for one session goes there and nowhere else, though another is shown by the time its chips are read", () =>
  withPanel(
    {
      prepare(gateway) {
        gateway.setContext(nearby);
        gateway.addSession({ key: "other", title: "Other" });
      },
    },
    async (panel) => {
      const { page, gateway } = panel;
      for (const isRead of [true, false]) {
        await composer(panel).pressSequentially("#Prob");
        await expect.poll(() => page.getByRole("option").count()).toBe(1);
        await page.keyboard.press("Enter");
        await composer(panel).pressSequentially("For main");
        const late = gateway.delay("editor.readContext");
        await composer(panel).press("Enter");
        await gateway.called("editor.readContext");
        if (!isRead) gateway.setContext(nearby, ["It is gone"]);
        await gateway.say({ event: "open", sessionKey: "other" });
        await expect.poll(() => gateway.callsOf("sessions.history").at(-1)?.sessionKey).toBe("other");
        late.arrive();
        if (isRead) await gateway.called("sessions.send");
        else await page.getByText("It is gone").waitFor();
        expect(await composer(panel).inputValue()).toBe("");
        await gateway.say({ event: "open", sessionKey: "main" });
        await transcript(panel).getByText("For main").first().waitFor();
      }
      expect(gateway.callsOf("sessions.send")).toMatchObject([{ sessionKey: "main" }]);
      await expect.poll(() => composer(panel).inputValue()).toBe("For main");
      expect(await chips(panel).allTextContents()).toEqual(["Problems"]);
    },
  ));
