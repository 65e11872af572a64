import { describe, expect, test } from "vitest";
import type { PanelPage } from "./harness.ts";
import { composer, openPanels } from "./panels.ts";

const withPanel = openPanels();

const chips = ({ page }: PanelPage) => page.locator(".composer .chip-name");

/** Pastes files that the page makes: `make` is a script whose value is a list of them. False where the panel took what was pasted. */
const give = (panel: PanelPage, how: "paste" | "drop", make: string, lists: Record<string, string> = {}) =>
  panel.page.evaluate<boolean | undefined>(`(async () => {
    const data = new DataTransfer();
    for (const file of await (${make})) data.items.add(file);
    for (const [type, text] of Object.entries(${JSON.stringify(lists)})) data.setData(type, text);
    const target = document.querySelector("textarea");
    const init = { bubbles: true, cancelable: true };
    if ("${how}" === "paste") return target.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: data }));
    else for (const type of ["dragover", "drop"]) target.dispatchEvent(new DragEvent(type, { ...init, dataTransfer: data }));
  })()`);

const noise = `(async () => {
  const canvas = new OffscreenCanvas(1600, 160);
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(1600, 160);
  // Noise, so that nothing makes it small but fewer points.
  let seed = 1;
  for (let at = 0; at < image.data.length; at++) image.data[at] = at % 4 === 3 ? 255 : (seed = (seed * 16807) % 2147483647) & 255;
  pen.putImageData(image, 0, 0);
  return [new File([await canvas.convertToBlob()], "shot.png", { type: "image/png" })];
})()`;

test("what is put into the composer right after another session is opened stands there, and what was typed stays where it was", () =>
  withPanel({ prepare: (made) => made.addSession({ key: "fork" }) }, async (panel) => {
    const { gateway } = panel;
    await composer(panel).fill("Not sent");
    const attachments = [{ name: "a.txt", mediaType: "text/plain", data: "one" }];
    await gateway.say({ event: "open", sessionKey: "fork" });
    await gateway.say({ event: "prefill", text: "Make a bed", attachments });
    await expect.poll(() => chips(panel).allTextContents()).toEqual(["a.txt"]);
    expect(await composer(panel).inputValue()).toBe("Make a bed");
    await gateway.say({ event: "open", sessionKey: "main" });
    await expect.poll(() => composer(panel).inputValue()).toBe("Not sent");
    expect(await chips(panel).count()).toBe(0);
  }));

describe("files that are given to the composer", () => {
  test("a large picture is drawn smaller, and sent", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      await give(panel, "paste", noise);
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["shot.png"]);
      await composer(panel).fill("What is this?");
      await composer(panel).press("Enter");
      await gateway.called("sessions.send");
      const [image] = gateway.callsOf("sessions.send")[0]!.attachments!;
      expect(image!.mediaType).toBe("image/jpeg");
      expect(image!.data.length).toBeLessThan(600_000);
      const size = await page.evaluate<number[]>(`(async () => {
        const bytes = Uint8Array.from(atob(${JSON.stringify(image!.data)}), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes]));
        return [bitmap.width, bitmap.height];
      })()`);
      expect(size[0]! / size[1]!).toBeCloseTo(10, 0);
      expect(size[0]).toBeLessThanOrEqual(1568);
    }));

  test("a picture goes without words, also by an Enter that comes before it is read; one that waits says so, and is edited", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const names = () =>
        gateway
          .callsOf("sessions.send")
          .map(({ message, attachments }) => [message, attachments?.map(({ name }) => name)]);
      await composer(panel).press("Enter");
      await give(panel, "paste", noise);
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["shot.png"]);
      await composer(panel).press("Enter");
      await expect.poll(names).toEqual([["", ["shot.png"]]]);
      await expect.poll(() => chips(panel).count()).toBe(0);
      await page.locator(".user:not(.pending) .chip-name", { hasText: "shot.png" }).waitFor();

      const late = gateway.delay("editor.readDropped");
      await give(panel, "drop", "[]", { "text/uri-list": "file:///elsewhere/a.txt" });
      await composer(panel).press("Enter");
      await page.getByText("Sent as soon").waitFor();
      late.arrive();
      const pending = page.locator(".pending", { hasText: "Attachments only" });
      await pending.locator(".chip-name", { hasText: "file:///elsewhere/a.txt" }).waitFor();
      await pending.getByRole("button", { name: "Edit" }).click();
      await pending.waitFor({ state: "detached" });
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["file:///elsewhere/a.txt"]);
      expect([await composer(panel).inputValue(), names().length]).toEqual(["", 2]);
    }));

  test("a message that waits says what it carries beside its words, also in a page that is loaded anew", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      gateway.submit("main", "What runs?");
      await page.getByText("What runs?").waitFor();
      await give(panel, "paste", `[new File(["# Notes"], "notes.md", { type: "text/markdown" })]`);
      await expect.poll(() => chips(panel).count()).toBe(1);
      await composer(panel).fill("Read these");
      const late = gateway.delay("sessions.send");
      await composer(panel).press("Enter");
      const carried = page.locator(".pending", { hasText: "Read these" }).locator(".chip-name");
      await expect.poll(() => carried.allTextContents()).toEqual(["notes.md"]);
      late.arrive();
      await page.locator(".pending").getByText("Queued").waitFor();
      expect(await carried.allTextContents()).toEqual(["notes.md"]);
      await page.reload();
      await page.locator(".pending").getByText("Queued").waitFor();
      expect(await carried.allTextContents()).toEqual(["notes.md"]);
    }));

  test("a PDF and a text are attached; what is neither, empty or too large is said", () =>
    withPanel({}, async (panel) => {
      await give(
        panel,
        "paste",
        `[
          new File(["%PDF-1.7"], "plan.pdf", { type: "application/pdf" }),
          new File(["# Notes"], "notes.md", { type: "text/markdown" }),
          new File([new Uint8Array([1, 0, 2])], "tool.exe"),
          new File([], "nothing.txt"),
          new File(["x".repeat(800000)], "huge.log"),
          new File(["no image"], "broken.png", { type: "image/png" }),
        ]`,
      );
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["plan.pdf", "notes.md", "broken.png"]);
      for (const words of ["tool.exe is neither", "nothing.txt is empty", "huge.log is too large"])
        await panel.page.getByRole("alert").getByText(words).waitFor();
    }));

  test("it is said how many a message carries as soon as they are more, and none of them is lost", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const files = (from: number, to: number) =>
        `Array.from({ length: ${to - from} }, (_, at) => new File(["one"], (${from} + at) + ".txt", { type: "text/plain" }))`;
      await give(panel, "paste", files(0, 20));
      await expect.poll(() => chips(panel).count()).toBe(20);
      const words = "A message carries at most 20 files and other attachments; here are 22. Take some of them off.";
      expect(await page.getByText("A message carries at most").count()).toBe(0);
      await give(panel, "paste", files(20, 22));
      await page.getByRole("status").getByText(words).waitFor();
      await composer(panel).press("Enter");
      await page.getByRole("alert").getByText(words).waitFor();
      await expect.poll(() => chips(panel).count()).toBe(22);
      expect(gateway.callsOf("sessions.send")).toEqual([]);
      for (const name of ["0.txt", "21.txt"])
        await page.getByRole("button", { name: `Remove ${name}`, exact: true }).click();
      await page.getByRole("status").getByText("A message carries at most").waitFor({ state: "detached" });
      await composer(panel).press("Enter");
      await gateway.called("sessions.send");
      expect(gateway.callsOf("sessions.send")[0]?.attachments).toHaveLength(20);
    }));

  test("words that come with a picture of them are pasted as words; a picture that comes with its place is a picture", () =>
    withPanel({}, async (panel) => {
      const picture = `[new File(["drawn"], "image.png", { type: "image/png" })]`;
      const cells = { "text/plain": "3\tbeds", "text/html": "<table><tr><td>3<td>beds</table>" };
      expect(await give(panel, "paste", picture, cells)).toBe(true);
      const place = { "text/html": '<img src="https://example.org/bed.png">' };
      expect(await give(panel, "paste", picture, place)).toBe(false);
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["Pasted image"]);
    }));

  test("files dropped from the editor become chips that are read later, others are read now", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      const uris = ["file:///work/src/main.ts", "file:///elsewhere/a.txt"];
      await give(panel, "drop", "[]", { "application/vnd.code.uri-list": uris.join("\r\n") });
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["file:///elsewhere/a.txt", "main.ts"]);
      expect(gateway.callsOf("editor.readDropped")).toEqual([{ uris }]);
      await expect.poll(() => page.evaluate<string>("document.activeElement.tagName")).toBe("TEXTAREA");
    }));

  test("tabs dropped as the editor names them, and files of the system", () =>
    withPanel({}, async (panel) => {
      await give(panel, "drop", "[]", {
        resourceurls: JSON.stringify(["file:///work/src/a.ts", "file:///work/src/b.ts"]),
      });
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["a.ts", "b.ts"]);
      await give(panel, "drop", `[new File(["# Notes"], "notes.md", { type: "text/markdown" })]`);
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["notes.md", "a.ts", "b.ts"]);
    }));

  test("what is sent just after a picture was pasted goes with it, and stays where that cannot be read", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      await page.evaluate(`globalThis.pasteAndSend = (file) => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(file);
        const target = document.querySelector("textarea");
        target.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }));
        target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, key: "Enter" }));
      }`);
      await composer(panel).fill("What is this?");
      await page.evaluate(`${noise}.then(([file]) => pasteAndSend(file))`);
      await gateway.called("sessions.send");
      expect(gateway.callsOf("sessions.send")[0]!.attachments?.map(({ name }) => name)).toEqual(["shot.png"]);
      await expect.poll(() => composer(panel).inputValue()).toBe("");
      await composer(panel).fill("And this?");
      await page.evaluate(`pasteAndSend(new File([new Uint8Array([1, 0, 2])], "tool.exe"))`);
      await page.getByRole("alert").getByText("tool.exe is neither").waitFor();
      await page.getByText("Sent as soon").waitFor({ state: "detached" });
      expect([await composer(panel).inputValue(), gateway.callsOf("sessions.send").length]).toEqual(["And this?", 1]);
    }));

  test("what is sent just after files were dropped from the editor stays where one of them cannot be attached", () =>
    withPanel({}, async (panel) => {
      const { page, gateway } = panel;
      gateway.setContext([], [".env is not attached"]);
      const late = gateway.delay("editor.readDropped");
      await composer(panel).fill("What is this?");
      await give(panel, "drop", "[]", { "text/uri-list": "file:///elsewhere/a.txt\r\nfile:///elsewhere/.env" });
      await composer(panel).press("Enter");
      await page.getByText("Sent as soon").waitFor();
      late.arrive();
      await page.getByRole("alert").getByText(".env is not attached").waitFor();
      await page.getByText("Sent as soon").waitFor({ state: "detached" });
      expect([await composer(panel).inputValue(), gateway.callsOf("sessions.send")]).toEqual(["What is this?", []]);
    }));

  test("what was given to one session is there and nowhere else, though another is shown by the time it is read", () =>
    withPanel({ prepare: (gateway) => gateway.addSession({ key: "other" }) }, async (panel) => {
      const { gateway } = panel;
      const late = gateway.delay("editor.readDropped");
      const uris = ["file:///work/src/main.ts", "file:///elsewhere/a.txt"];
      await give(panel, "drop", "[]", { "application/vnd.code.uri-list": uris.join("\r\n") });
      await gateway.called("editor.readDropped");
      await gateway.say({ event: "open", sessionKey: "other" });
      await expect.poll(() => gateway.callsOf("sessions.history").at(-1)?.sessionKey).toBe("other");
      late.arrive();
      const stored = () =>
        panel.page.evaluate("Object.keys(JSON.parse(sessionStorage.getItem(location.pathname)).drafts)");
      await expect.poll(stored).toEqual(["main"]);
      expect(await chips(panel).count()).toBe(0);
      await gateway.say({ event: "open", sessionKey: "main" });
      await expect.poll(() => chips(panel).allTextContents()).toEqual(["file:///elsewhere/a.txt", "main.ts"]);
    }));

  test("a dragged link of a web page is left to the page", () =>
    withPanel({}, async (panel) => {
      await give(panel, "drop", "[]", { "text/uri-list": "https://example.org/" });
      await composer(panel).fill("Done");
      expect(panel.gateway.callsOf("editor.readDropped")).toEqual([]);
      expect(await chips(panel).count()).toBe(0);
    }));
});
