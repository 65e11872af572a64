import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Locator, Page } from "playwright-core";
import decode from "qr/decode.js";
import { expect, onTestFinished, test } from "vitest";
import { startDiscordServer } from "../../fakes/discord/discordServer.ts";
import { BOT, startTelegramServer } from "../../fakes/telegramServer.ts";
import { startEditor } from "../editor.ts";
import type { EditorWindow } from "../editorWindow.ts";

/** A window whose user's openclaw.yml has this besides the model. */
async function openWindow(change: (config: string) => string): Promise<EditorWindow> {
  const editor = await startEditor();
  onTestFinished(() => editor.close());
  const file = path.join(editor.home, "openclaw.yml");
  writeFileSync(file, change(readFileSync(file, "utf8")));
  const window = await editor.open();
  await window.waitForStatus("Pincer: running");
  return window;
}

/** A message, whether it is shown by itself or in the editor's list of them. */
const message = (window: EditorWindow, text: string) =>
  window.page.locator(".notification-list-item", { hasText: text });

/** What a camera reads of a picture. */
async function scan(page: Page, picture: Locator): Promise<string> {
  const png = (await picture.screenshot()).toString("base64");
  const { width, height, data } = await page.evaluate<{ width: number; height: number; data: number[] }>(`(async () => {
    const bytes = Uint8Array.from(atob("${png}"), (one) => one.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const { width, height, data } = context.getImageData(0, 0, image.width, image.height);
    return { width, height, data: [...data] };
  })()`);
  return decode({ width, height, data: Uint8ClampedArray.from(data) });
}

test("a phone is paired by what its camera reads of the page, which says then who came in", async () => {
  const served = "gateway: { port: 0, host: 0.0.0.0, tls: selfSigned, remote: on }";
  const window = await openWindow((config) => config.replace("gateway: { port: 0 }", served));
  await window.runCommand("Pincer: Pair a phone…");
  await window.pick("What the phone may do", "Write to sessions as well");
  const page = window.page
    .frameLocator('iframe.webview.ready:not([src*="purpose=webviewView"])')
    .frameLocator("iframe#active-frame");
  const picture = page.getByRole("img", { name: "Pair a phone" });
  await picture.waitFor();
  const code = (await page.locator("strong").textContent())!;
  const address = await scan(window.page, picture);
  expect(address).toBe(`${await page.locator(".address").textContent()}#${code}`);

  const phone = await window.page.context().browser()!.newContext({ ignoreHTTPSErrors: true, locale: "en-US" });
  const own = await phone.newPage();
  // By this machine's own name, whatever its network is.
  await own.goto(address.replace(/(?<=\/\/)[^/]+(?=:\d+\/)/, "localhost"));
  await own.getByRole("heading", { name: "Sessions" }).waitFor();
  await page.getByText("Linux is paired.").waitFor();
  expect(await picture.count()).toBe(0);
  // A page that had the focus takes it back a while after the palette, from what is asked by then.
  await window.runCommand("View: Close All Editors");
  await window.runCommand("Pincer: Remove phone…");
  await window.pick("Remove which phone", "Linux");
  const dialog = window.page.locator(".monaco-dialog-box");
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await own.getByText("This phone is not paired any more.").waitFor();
});

test("a bot is set up step by step: its token, who it is, and how to be paired with it", async () => {
  const telegram = await startTelegramServer();
  onTestFinished(() => telegram.close());
  const discord = await startDiscordServer();
  onTestFinished(() => discord.close());
  const channels = `channels: { telegram: { apiRoot: "${telegram.url}" }, discord: { apiRoot: "${discord.url}" } }\n`;
  const window = await openWindow((config) => config + channels);
  await window.runCommand("Pincer: Set up Telegram…");
  const title = "Token of the Telegram bot";
  await window.question(title).locator("input.input").fill("not a token");
  await window.question(title).getByText("Paste the whole token").waitFor();
  await window.answer(title, "123456:ABC-DEFGHIJKLMNOP");
  await message(window, "Telegram refused the token").waitFor();
  // Of four messages in less than a second the editor shows the last one only here.
  await window.runCommand("Notifications: Show Notifications");
  await window.runCommand("Pincer: Set up Telegram…");
  await window.answer(title, telegram.token);
  await message(window, `Telegram is set up. Write to @${BOT.username} there`).waitFor();
  telegram.say(123, "hello");
  const { text } = await telegram.until((sent) => /[A-Z]{8}/.test(sent.text));
  await message(window, "Telegram is set up").getByRole("button", { name: "Enter the code" }).click();
  await window.answer("Code of the chat", /[A-Z]{8}/.exec(text)![0]);
  await message(window, "may talk to the agent now, in a private chat").waitFor();
  await window.runCommand("Pincer: Set up Discord…");
  await window.answer("Token of the Discord bot", discord.token);
  await message(window, "Discord is set up").waitFor();
});
