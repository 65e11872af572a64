import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
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

/** The text without the plain key of one provider, its comments kept, and that key; undefined where it has none. */
export function takeOutKey(text: string, provider: string): { text: string; key: string } | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  const key = document.getIn(["providers", provider, "apiKey"]);
  if (!isPlain(key)) return undefined;
  document.deleteIn(["providers", provider, "apiKey"]);
  for (const path of [["providers", provider], ["providers"]]) {
    const parent = document.getIn(path);
    if (isMap(parent) && parent.items.length === 0) document.deleteIn(path);
  }
  const isEmpty = isMap(document.contents) && document.contents.items.length === 0;
  return { text: isEmpty ? "" : toTextLike(document, text), key };
}

function isPlain(key: unknown): key is string {
  return typeof key === "string" && key !== "" && !key.includes("${");
}
