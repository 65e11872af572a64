import { createTexts, type Language } from "../../src/base/text/texts.ts";

const shown = readLanguage();

/** The editor's language. */
export const language = shown.language;
export const { t, tAs, plural, listed, number, dollars } = createTexts(shown);

/** From the page, where the editor's side has written it; there is no page where a single part is tried. */
function readLanguage(): Language {
  const page = (globalThis as { document?: Page }).document;
  const given = page?.getElementById("texts")?.textContent;
  return given ? (JSON.parse(given) as Language) : { language: "en", texts: {} };
}

interface Page {
  getElementById(id: string): { textContent: string | null } | null;
}
