import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "../../steps/process.mjs";
import { readTree } from "../tree.ts";
import { rawTexts } from "./rawTexts.ts";
import { placeholdersOf, saidTexts } from "./saidTexts.ts";

const read = (file: string) =>
  JSON.parse(readFileSync(path.join(root, file), "utf8").normalize()) as Record<string, string>;

const sources = [...readTree(["src/vscode", "webview-ui"], [".ts", ".tsx"])].filter(
  ([file]) => !file.endsWith(".d.ts"),
);
const said = [
  ...sources,
  ...["src/extension.ts", "src/base/text/approvalSentences.ts"].map(
    (file) => [file, readFileSync(path.join(root, file), "utf8")] as const,
  ),
].flatMap(([file, source]) => saidTexts(file, source));
const languages = readdirSync(path.join(root, "l10n")).map((name) => /^bundle\.l10n\.([\w-]+)\.json$/.exec(name)![1]!);

/** The table of a language, without the forms of a count that English does not have. */
function tableOf(language: string): Record<string, string> {
  const table = read(`l10n/bundle.l10n.${language}.json`);
  return Object.fromEntries(Object.entries(table).filter(([key]) => !/\/(?:zero|two|few|many)$/.test(key)));
}

test.each(languages)(
  "all that the editor's side and the panel say has its words in %s, and no word is left over",
  (language) => {
    const [words, keys] = [Object.keys(tableOf(language)), new Set(said.map(({ key }) => key))];
    const table = `l10n/bundle.l10n.${language}.json`;
    expect(
      said.filter(({ key }) => !words.includes(key)).map(({ key, at }) => `${key} (${at})`),
      `not in ${table}`,
    ).toEqual([]);
    expect(
      words.filter((key) => !keys.has(key)),
      `said nowhere, but in ${table}`,
    ).toEqual([]);
    expect(words, `${table} is sorted`).toEqual(words.toSorted());
  },
);

test.each(languages)("%s fills the places that English fills, and the code has a value for each", (language) => {
  const table = tableOf(language);
  const wrong = said.flatMap(({ key, values, at }) => {
    const places = placeholdersOf(key);
    const isFilled = values === undefined || places.length === values;
    const isSame = placeholdersOf(table[key] ?? "").join() === places.join();
    return isFilled && isSame ? [] : [`${at}: ${key} -> ${table[key]}`];
  });
  expect(wrong).toEqual([]);
});

test.each(languages)(
  "the manifest has all its words in %s, with the same commands, code and icons in them",
  (language) => {
    const [english, other] = [read("package.nls.json"), read(`package.nls.${language}.json`)];
    expect(Object.keys(other)).toEqual(Object.keys(english));
    const code = (text: string) => (text.match(/\(command:[\w.]+\)|`[^`]+`|\$\([\w-]+\)/g) ?? []).toSorted();
    for (const [key, text] of Object.entries(english))
      expect([key, ...code(other[key]!)]).toEqual([key, ...code(text)]);
  },
);

test("every text for people is looked up in their language, but those that say why not", () => {
  const raw = sources.flatMap(([file, source]) => rawTexts(file, source).map((one) => ({ file, ...one })));
  const isMeant = ({ file, text }: (typeof raw)[number]) =>
    ENGLISH.some(([place, , texts]) => file.startsWith(place) && (texts?.test(text) ?? true));
  expect(raw.filter((one) => !isMeant(one)).map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
  // What is listed and no longer there would let the next one through.
  const idle = ENGLISH.filter(
    ([place, , texts]) => !raw.some(({ file, text }) => file.startsWith(place) && (texts?.test(text) ?? true)),
  );
  expect(idle.map(([place]) => place)).toEqual([]);
});

test("raw English is found wherever a person would see it", () => {
  const found = (code: string) => rawTexts("a.tsx", code).map(({ text }) => text);
  expect(found('window.showInformationMessage("Nothing was found");')).toEqual(["Nothing was found"]);
  expect(found("item.accessibilityInformation = { label: `${count} files are open` };")).toEqual(["{} files are open"]);
  expect(found('const row = <p title="More of it">Nothing here</p>;')).toEqual(["More of it", "Nothing here"]);
  expect(found('const html = `<p class="a b" aria-label="Two words">${x}</p>`;')).toEqual(["{} Two words"]);
  expect(found('const items = [{ label: "Delete" }];')).toEqual(["Delete"]);
  const quiet = [
    'vscode.l10n.t("Nothing was found")',
    'log.warn("It could not be read")',
    'const row = <p class="button primary" />;',
    'if (key === "Enter") go()',
    'const html = `<p class="a b">${x}</p>`;',
    'vscode.commands.executeCommand("workbench.action.closeActiveEditor")',
  ];
  expect(quiet.flatMap(found)).toEqual([]);
});

/** What stays English, by file or folder, why, and which texts of it where not all. */
const ENGLISH: [place: string, why: string, texts?: RegExp][] = [
  ["src/vscode/knowledge/", "answers to the agent's tools"],
  ["src/vscode/host/bufferFiles.ts", "answers to the agent's tools"],
  ["src/vscode/host/editorFiles.ts", "answers to the agent's tools"],
  ["src/vscode/host/presence.ts", "answers to the agent's tools"],
  ["src/vscode/host/languageModels.ts", "how a run failed: the core goes by these words"],
  ["src/vscode/host/pincerCommand.ts", "a script"],
  ["src/vscode/choices/botCheck.ts", "headers for Discord", /^(?:Discord)?Bot[ {]/],
  ["src/vscode/mcp/languageModelTools.ts", "an answer to another agent", /^This action needs/],
  [
    "src/vscode/chat/panelRelay.ts",
    "errors of the gateway, English for every client",
    /^The gateway went|^the panel was/,
  ],
  [
    "src/vscode/chat/editorMethods.ts",
    "faults of the page, which it never makes",
    /^The editor has no|was called with/,
  ],
  ["src/vscode/chat/panelHtml.ts", "a policy", /^img-src/],
  ["src/vscode/context/contextRefs.ts", "faults of the page, which it never makes"],
  ["src/vscode/context/symbols.ts", "an icon's name", /^Misc$/],
  ["src/vscode/sessions/spawnTarget.ts", "said to the agent"],
  ["src/vscode/sessions/testTarget.ts", "said to the agent"],
  [
    "src/vscode/settings/dataCommands.ts",
    "headings of a report for whoever is asked for help",
    /^(?:This window|Gateway|Configuration, |End of)/,
  ],
  ["src/vscode/settings/exampleConfig.ts", "a file, beside documentation in English"],
  ["src/vscode/choices/saveExport.ts", "a name", /^Markdown$/],
  ["webview-ui/parts/strings.ts", "what the demo understands", /^(?:What is in|Find TODO|Spawn list)/],
];
