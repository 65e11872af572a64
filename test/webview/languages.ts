import { readFileSync } from "node:fs";
import type { Language } from "../../src/base/text/texts.ts";
import { saidTexts } from "../house/texts/saidTexts.ts";
import { readTree } from "../house/tree.ts";
import type { PanelPage } from "./harness.ts";

const table = new URL("../../l10n/bundle.l10n.de.json", import.meta.url);

export const german: Language = {
  language: "de",
  texts: JSON.parse(readFileSync(table, "utf8")) as Record<string, string>,
};

/** A language in which each text of the panel is its English in marks. */
export const marked: Language = {
  language: "en-GB",
  texts: Object.fromEntries(
    [...readTree(["webview-ui", "src/base/text"], [".ts", ".tsx"])]
      .flatMap(([file, source]) => saidTexts(file, source))
      .map(({ key }) => [key, `[!!${key.replace(/\/\w+$/, "")}!!]`]),
  ),
};

/** What people see or hear of a page in the marked language that is neither marked nor was told to the page. */
export async function unmarkedWords({ page, told }: PanelPage): Promise<string[]> {
  const shown = await page.evaluate<string[]>(`(() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, data } = walker.currentNode;
      if (!parentElement.closest("script, style") && parentElement.checkVisibility()) found.push(data);
    }
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
      for (const name of ["aria-label", "title", "placeholder", "alt"]) found.push(element.getAttribute(name) ?? "");
    return found;
  })()`);
  const data = plain(told.join(" "));
  const isTold = (text: string) =>
    TO_THE_DEMO.includes(text) || TYPED.includes(text) || data.includes(plain(JSON.stringify(text).slice(1, -1)));
  return [...new Set(shown)].filter((text) => {
    const parts = withoutMarked(text).flatMap((rest) => rest.split(BETWEEN));
    return !parts.every((part) => !/\p{L}{2,}/u.test(part) || isTold(part.trim()));
  });
}

/** The same text on one line, without what terminals read as colours. */
function plain(json: string): string {
  return json.replaceAll(/\\u001b\[\d*m/g, "").replaceAll(/\\n|\\t|\s+/g, " ");
}

/** What the panel puts between what it was told; a tool without words of its own is called by its name. */
const BETWEEN = / – | · |, |,\s*$| \(|\)$|^\//;

/** It understands no other language. */
const TO_THE_DEMO = ["What is in this project?", "Find TODO", "Spawn list the files"];

/** The chat's commands are typed alike in every language. */
const TYPED = ["new", "plan", "compact", "model", "undo", "export"];

/** What stands between the marked texts; one may be within another. */
function withoutMarked(text: string): string[] {
  const inner = /\[!!(?:(?!\[!!|!!\])[^])*!!\]/g;
  let rest = text;
  for (let before = ""; before !== rest;) {
    before = rest;
    rest = rest.replaceAll(inner, "\0");
  }
  return rest.split("\0");
}
