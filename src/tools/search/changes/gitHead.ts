import { join } from "node:path";
import { smallText } from "../../../base/files/smallText.ts";
import { visibleLine } from "../../../base/text/visible.ts";

/**
 * Where a repository's HEAD is, in words: "main (1a2b3c4d)", a commit alone where it is on no branch. Undefined where its files
 * do not say, as in one that keeps its branches in a table. `place` is its own folder, `shared` that of all its worktrees.
 */
export async function readHead(place: string, shared: string): Promise<string | undefined> {
  const head = await textOf(join(place, "HEAD"));
  const ref = /^ref: (refs\/\S+)$/.exec(head)?.[1];
  if (ref === undefined) return isCommit(head) ? short(head) : undefined;
  if (ref === "refs/heads/.invalid") return undefined;
  const loose = await textOf(join(shared, ...ref.split("/")));
  const commit = isCommit(loose) ? loose : await packed(shared, ref);
  return `${visibleLine(ref.replace("refs/heads/", ""), 100)} (${commit === undefined ? "no commit yet" : short(commit)})`;
}

const MOST_PACKED_BYTES = 8_000_000;

async function packed(shared: string, ref: string): Promise<string | undefined> {
  const text = (await smallText(join(shared, "packed-refs"), { limit: MOST_PACKED_BYTES })) ?? "";
  const end = text.indexOf(` ${ref}\n`);
  const commit = text.slice(text.lastIndexOf("\n", end) + 1, Math.max(0, end));
  return isCommit(commit) ? commit : undefined;
}

async function textOf(path: string): Promise<string> {
  return ((await smallText(path, { limit: 1000 })) ?? "").trim();
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40,64}$/.test(text);
}

function short(commit: string): string {
  return commit.slice(0, 8);
}
