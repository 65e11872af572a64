import { fileURLToPath } from "node:url";
import { mkdirSync } from "node:fs";
import type { Language } from "../../src/base/text/texts.ts";
import { german } from "./languages.ts";
import { startHarness } from "./harness.ts";
import { scenes } from "./scenes.ts";
import { themes, type ThemeName } from "./themes.ts";

// Usage: node test/webview/screenshots.ts [SCENE...]: draws the panel's states in every theme, and in German, to out/screenshots.

const folder = fileURLToPath(new URL("../../out/screenshots/", import.meta.url));
mkdirSync(folder, { recursive: true });
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(scenes);
const harness = await startHarness();
for (const name of names) {
  const scene = scenes[name];
  if (!scene) throw new Error(`There is no scene ${name}`);
  for (const theme of Object.keys(themes) as ThemeName[]) await draw(name, theme, 380);
  await draw(name, "dark", 220);
  for (const width of [300, 600]) await draw(name, "light", width, german);
}
await harness.close();

async function draw(name: string, theme: ThemeName, width: number, texts?: Language): Promise<void> {
  const { prepare, act } = scenes[name]!;
  const panel = await harness.open({
    theme,
    width,
    height: 760,
    bodyClass: "vscode-reduce-motion",
    prepare,
    ...(texts ? { texts } : {}),
  });
  await act?.(panel);
  await panel.page.waitForTimeout(200);
  await panel.page.screenshot({ path: `${folder}${name}-${texts?.language ?? theme}-${width}.png` });
  await panel.close();
}
