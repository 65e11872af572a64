import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import cpp from "highlight.js/lib/languages/cpp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import json from "highlight.js/lib/languages/json";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { nameTable } from "../../src/base/nameTable.ts";
import { addPiece, element, type Piece } from "./pieces.ts";

const LANGUAGES = { bash, cpp, css, diff, go, java, json, markdown, python, rust, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);
hljs.registerAliases(["javascript", "js", "jsx", "mjs", "cjs"], { languageName: "typescript" });
hljs.registerAliases(["jsonc", "json5"], { languageName: "json" });

// Longer code is shown plain, since colouring it would hold up the page; code that still grows is coloured over and over.
const LIMIT = 30_000;
const OPEN_LIMIT = 3_000;

/** The code with `hljs-*` classes; undefined when the language is not known or the code is too long. */
export function highlight(code: string, language: string, isOpen: boolean): Piece[] | undefined {
  if (code.length > (isOpen ? OPEN_LIMIT : LIMIT) || !hljs.getLanguage(language)) return undefined;
  return toPieces(hljs.highlight(code, { language, ignoreIllegals: true }).value);
}

/** Reads what the highlighter writes: spans with a class, and text. */
function toPieces(html: string): Piece[] {
  const all: Piece[] = [];
  const open = [all];
  for (const [part, name] of html.matchAll(/<span class="([^"]*)">|<\/span>|[^<]+/g)) {
    if (name !== undefined) {
      const inside: Piece[] = [];
      open.at(-1)!.push(element("span", { class: name }, inside));
      open.push(inside);
    } else if (part === "</span>") {
      open.pop();
    } else {
      addPiece(
        open.at(-1)!,
        part.replace(/&(?:amp|lt|gt|quot|#x27);/g, (written) => LETTERS[written] ?? written),
      );
    }
  }
  return all;
}

const LETTERS = nameTable({ "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'" });
