import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { saysNothing } from "./configText.ts";
import { toTextLike } from "./write/yamlText.ts";

/** A provider's key that stands in plain words in an openclaw.yml; its line counts from 0. */
export interface PlainKey {
  provider: string;
  line: number;
}

/** None where the text has faults. A reference to the environment is no plain key. */
export function listPlainKeys(text: string): PlainKey[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const providers = document.errors.length > 0 ? undefined : document.getIn(["providers"]);
  if (!isMap(providers)) return [];
  return providers.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || !isMap(value)) return [];
    const pair = value.items.find((item) => isScalar(item.key) && item.key.value === "apiKey");
    const found: unknown = isScalar(pair?.value) ? pair.value.value : undefined;
    if (!isPlain(found) || !isScalar(pair?.key)) return [];
    return [{ provider: String(key.value), line: lines.linePos(pair.key.range?.[0] ?? 0).line - 1 }];
  });
}

/**
 * The text without the plain key of one provider, its comments kept, and that key; undefined where it has none. Where nothing else is
 * said in it, it says so: an empty file would be taken for one that was lost.
 */
export function takeOutKey(text: string, provider: string): { text: string; key: string } | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  const key = document.getIn(["providers", provider, "apiKey"]);
  if (!isPlain(key)) return undefined;
  let place = ["providers", provider, "apiKey"];
  // What would be empty goes with it.
  while (place.length > 1 && sizeOf(document.getIn(place.slice(0, -1))) === 1) place = place.slice(0, -1);
  const cut = withoutLines(text, document, place);
  document.deleteIn(place);
  const isSame = isDeepStrictEqual(parseDocument(cut).toJS() ?? {}, document.toJS());
  const left = isSame ? cut : toTextLike(document, text);
  if (sizeOf(document.contents) !== 0) return { text: left, key };
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const comments = saysNothing(left) ? left.replace(/[^\n]$/, `$&${end}`) : "";
  return { text: `${comments}${NOTHING}${end}`, key };
}

const NOTHING = "{} # Nothing is set; take this away with the first entry";

/** The text without the lines of an entry, but for those that are comments. */
function withoutLines(text: string, document: Document, place: string[]): string {
  const parent = document.getIn(place.slice(0, -1));
  const pair = isMap(parent) && parent.items.find(({ key }) => isScalar(key) && key.value === place.at(-1));
  if (!pair || !isNode(pair.key) || !isNode(pair.value)) return text;
  const start = text.lastIndexOf("\n", pair.key.range![0] - 1) + 1;
  const last = text.indexOf("\n", pair.value.range![1] - 1);
  const end = last === -1 ? text.length : last + 1;
  const comments = text.slice(start, end).match(/^[ \t]*#.*(?:\n|$)/gm) ?? [];
  return text.slice(0, start) + comments.join("") + text.slice(end);
}

function sizeOf(node: unknown): number | undefined {
  return isMap(node) ? node.items.length : undefined;
}

function isPlain(key: unknown): key is string {
  return typeof key === "string" && key !== "" && !key.includes("${");
}
