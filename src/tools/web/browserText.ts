import { visible } from "../../base/text/visible.ts";
import type { BrowserAnswer, BrowserFile, BrowserTab, PageText } from "../../protocol/browser.ts";
import { untrusted } from "../../base/input/untrusted.ts";

// The name of a file, and what a server calls its place.
const QUOTING = /^Not saved: |\(realm "/;

/** An answer of the browser as a model reads it: the facts first, and all that a page wrote marked as untrusted. */
export function browserText(answer: BrowserAnswer): string {
  const { changes, dialog, snapshot } = answer;
  const source = answer.tab?.url ?? "browser";
  const { notices = [] } = answer;
  const facts = [
    ...notices.filter((notice) => !QUOTING.test(notice)),
    ...(dialog ? [`A ${dialog.type} dialog is open; the page waits for the action dialog.`] : []),
    ...(snapshot ? [range(snapshot)] : []),
    ...(answer.image ? [`The picture is ${answer.image.width} x ${answer.image.height}`] : []),
  ];
  const page = [
    ...notices.filter((notice) => QUOTING.test(notice)),
    // Their names are a page's.
    ...(answer.file ? [`Saved: ${fileLine(answer.file)}`] : []),
    ...(changes?.downloads ?? []).map((file) => `Downloaded: ${fileLine(file)}`),
    ...(answer.tab && !answer.tabs ? [tabLine(answer.tab)] : []),
    ...(answer.tabs ?? []).map(tabLine),
    ...(answer.tabs?.length === 0 ? ["no tabs are open"] : []),
    ...(changes?.url ? [`new address: ${changes.url}`] : []),
    ...(changes?.title ? [`new title: ${changes.title}`] : []),
    ...(changes?.openedTabs ?? []).map((tab) => `opened ${tabLine(tab)}`),
    ...(changes?.lines ?? []),
    ...(changes?.moreLines ? [`[${changes.moreLines} more lines changed: take a snapshot]`] : []),
    ...(changes && !changes.lines && !snapshot && !dialog ? ["nothing changed in the snapshot"] : []),
    ...(dialog ? [`dialog: ${dialog.message}`] : []),
    ...(answer.value === undefined ? [] : [`value: ${answer.value}`]),
    ...list(answer.console, ({ type, text, from }) => `[${type}] ${text}${from ? ` (${from})` : ""}`),
    ...list(answer.network, ({ method, url, problem }) => `${method} ${url}: ${problem}`),
    ...list(answer.downloads, fileLine),
    ...(snapshot ? [snapshot.text] : []),
  ];
  return [...facts, ...(page.length > 0 ? [untrusted(source, visible(page.join("\n")))] : [])].join("\n");
}

function list<T>(items: T[] | undefined, line: (item: T) => string): string[] {
  if (!items) return [];
  return items.length === 0 ? ["none"] : items.map(line);
}

function tabLine({ id, title, url, focused }: BrowserTab): string {
  return `${id}${focused ? " (focused)" : ""}: ${title} ${url}`;
}

function fileLine({ path, bytes }: BrowserFile): string {
  return `${path} (${bytes} bytes)`;
}

function range({ offset, text, totalChars, nextOffset }: PageText): string {
  if (nextOffset === undefined && offset === 0) return "The whole page:";
  const more = nextOffset === undefined ? "" : `; go on with snapshot offset ${nextOffset}`;
  return `Characters ${offset}-${offset + text.length} of ${totalChars}${more}:`;
}
