import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { PhoneFiles } from "../gateway/phones/phonePage.ts";

/** The page for phones as it was built, its pictures and its texts. */
export function createPhoneFiles(): PhoneFiles {
  return {
    read: (name) => readFile(place(name.endsWith(".png") ? `media/${name}` : `dist/webview/${name}`)),
    async texts(language) {
      try {
        return JSON.parse(await readFile(place(`l10n/bundle.l10n.${language}.json`), "utf8")) as Record<string, string>;
      } catch {
        // Not a language of ours.
        return {};
      }
    },
  };
}

/** Of the program's folder; in dist/ this is in a chunk, or not. */
function place(path: string): string {
  const here = import.meta.url;
  const root = here.endsWith(".ts") || /\/chunks\/[^/]+$/.test(here) ? "../../" : "../";
  return fileURLToPath(new URL(root + path, here));
}
