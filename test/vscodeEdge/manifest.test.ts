import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLivePage } from "../../src/vscode/documents/livePage.ts";
import { readTree } from "../house/tree.ts";
import { openScreen, Uri } from "./editor/vscode.ts";

const root = join(import.meta.dirname, "../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const manifest = JSON.parse(read("package.json"));
const nls = JSON.parse(read("package.nls.json")) as Record<string, string>;
const { contributes } = manifest;
const sources = [...readTree(["src/vscode"], [".ts"]).values()];
const source = sources.join("\n");

const commands: string[] = contributes.commands.map(({ command }: { command: string }) => command);
const settings = Object.entries<{ scope: string }>(contributes.configuration.properties);

test("every text of the manifest is in package.nls.json, and nothing else is", () => {
  const used = [...JSON.stringify(manifest).matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key);
  expect([...new Set(used)].sort()).toEqual(Object.keys(nls).sort());
});

test("every contributed command is registered, and the other way round", () => {
  const registered = [...source.matchAll(/^ {2}(?:async )?"(pincer\.\w+)"(?:\(|:)/gm)].map(([, id]) => id);
  expect(registered.sort()).toEqual([...commands].sort());
});

test("commands have the category and a title in sentence case", () => {
  for (const { title, category } of contributes.commands) {
    expect(category).toBe("Pincer");
    expect(nls[title.slice(1, -1)]).toMatch(/^[A-Z][^A-Z]*( (API|URL|Telegram|Discord)[^A-Z]*)?$/);
  }
});

test("menus, keys and links name commands that exist", () => {
  const inMenus = Object.values<{ command: string }[]>(contributes.menus).flat();
  const named = [...inMenus, ...contributes.keybindings].map(({ command }: { command: string }) => command);
  const linked = [...JSON.stringify(nls).matchAll(/command:(pincer\.\w+)/g)].map(([, id]) => id!);
  for (const id of [...named, ...linked]) expect(commands).toContain(id);
});

test("few keys, each with a condition; few settings, and what can open ports or run code is the machine's", () => {
  // Those of our own trees take no key from anything else.
  const elsewhere = contributes.keybindings.filter(
    ({ when }: { when: string }) =>
      // A key that holds in files under review and in proposed changes alone takes nothing from anybody.
      !/in pincer\.(reviewed|proposals)/.test(when) && !when.startsWith("focusedView == pincer."),
  );
  expect(elsewhere.length).toBeLessThanOrEqual(3);
  for (const { when } of contributes.keybindings) expect(when).toBeTruthy();
  expect(settings.length).toBeLessThanOrEqual(12);
  const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
  const machine = settings.filter(([, { scope }]) => scope === "machine").map(([name]) => name);
  expect(restrictedConfigurations.sort()).toEqual(machine.sort());
  for (const [name] of settings) expect(name).toMatch(/^pincer\./);
});

test("every icon and picture is there, and drawn in no colour of its own", () => {
  const text = JSON.stringify(manifest);
  const files = [...text.matchAll(/"(media\/[\w/.-]+)"/g)].map(([, file]) => file!);
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
  for (const file of files.filter((name) => name.includes("walkthrough"))) {
    expect(read(file).replace(/var\([^)]*\)/g, "")).not.toMatch(/#[0-9a-f]{3}/i);
  }
});

test.each(["package.nls.json", "package.nls.de.json"])(
  "code in the walkthrough of %s is marked as its page reads it",
  (file) => {
    const texts = JSON.parse(read(file)) as Record<string, string>;
    const lines = Object.entries(texts)
      .filter(([key]) => key.startsWith("walkthrough."))
      .flatMap(([, text]) => text.split("\n"));
    // The page knows ``code`` within a line, and no fence.
    for (const line of lines) expect(line.replaceAll(/(?<!`)``[^`]+``(?!`)/g, "")).not.toContain("`");
    expect(lines.join("\n")).toMatch(/^``curl .+``$/m);
  },
);

test("the icon on a tab, which is drawn as it is, is dark on light and light on dark", () => {
  const strokes = (file: string) => [...new Set(read(file).match(/#[0-9a-f]{3}\b/gi))];
  expect([strokes("media/pincer.svg"), strokes("media/pincerOnDark.svg")]).toEqual([["#000"], ["#ccc"]]);
  openScreen();
  const { panel } = openLivePage({ extensionUri: Uri.file("/ext") as never, type: "t", title: "T", commands: [] });
  expect(JSON.stringify(panel.iconPath)).toMatch(/"light":.*pincer\.svg.*"dark":.*pincerOnDark\.svg/);
});

test("a session's row has two buttons at most, and all that it offers in its menu, by its state", () => {
  const items: { command: string; when: string; group: string }[] = contributes.menus["view/item/context"];
  const ofSessions = items.filter(({ when }) => when.includes("view == pincer.sessions"));
  const inline = ofSessions.filter(({ group }) => group.startsWith("inline"));
  expect(inline.map(({ command }) => command)).toEqual(["pincer.openSession", "pincer.stopSession"]);
  const inMenu = ofSessions.filter(({ group }) => !group.startsWith("inline"));
  expect(inMenu.length).toBeGreaterThan(8);
  const stop = ofSessions.filter(({ command }) => command === "pincer.stopSession");
  for (const { when } of stop) expect(when).toContain("busy");
  for (const [shown, other] of [
    ["pinSession", "unpinSession"],
    ["archiveSession", "unarchiveSession"],
  ]) {
    const [one, two] = [shown, other].map((name) => items.find(({ command }) => command === `pincer.${name}`)!.when);
    expect(one).not.toBe(two);
  }
});

test("each state of the gateway has words in both trees, with what to do where there is something", () => {
  const welcomes: { view: string; when: string; contents: string }[] = contributes.viewsWelcome;
  const textOf = (view: string, state: string) => {
    const when = state === "restricted" ? "!isWorkspaceTrusted" : `isWorkspaceTrusted && pincer.state == ${state}`;
    const found = welcomes.filter((one) => one.view === view && one.when === when);
    expect(found, `${view} ${state}`).toHaveLength(1);
    return nls[found[0]!.contents.slice(1, -1)]!;
  };
  for (const view of ["pincer.sessions", "pincer.cron"]) {
    for (const state of ["restricted", "stopped", "error", "running"])
      expect(textOf(view, state)).toMatch(/\]\(command:[\w.]+\)/);
    expect(textOf(view, "starting")).toContain("starting");
  }
});

test("it runs where the files are, and is not offered to an editor that has no machine", () => {
  expect(manifest.extensionKind).toEqual(["workspace"]);
  expect(manifest.main).toBe("./dist/extension.cjs");
  // An editor in a browser alone takes what has an entry for it.
  expect(manifest.browser).toBeUndefined();
});

test("a tab that the editor opens again after a reload finds who shows it: each file system of ours starts us", () => {
  const ours = sources.filter((text) => text.includes("registerFileSystemProvider("));
  const schemes = ours.map((text) => /SCHEME = "([\w-]+)"/.exec(text)?.[1]);
  expect(schemes.length).toBeGreaterThan(0);
  const begins = "onFileSystem:";
  const events = (manifest.activationEvents as string[]).filter((event) => event.startsWith(begins));
  expect(events.map((event) => event.slice(begins.length)).toSorted()).toEqual(schemes.toSorted());
});

test("no version is remembered, so that an update can open nothing", () => {
  const kept = [...source.matchAll(/[sS]tate\s*\.update\(\s*(\w+|"[^"]+")/g)].map(([, name]) => name);
  // Names of secrets, that the chat was shown once, ticked steps of the walkthrough, and what "Delete all data" takes away.
  expect([...new Set(kept)].toSorted()).toEqual(["NAMES", "SEEN", "TICKED", "key"]);
  expect(source).not.toMatch(/openWalkthrough|whatsNew|releaseNotes/i);
});
