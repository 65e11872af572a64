import { isAppError } from "../../base/appError.ts";
import { decodeText, encodeText, type TextForm } from "../../base/text/textBytes.ts";
import type { FileHunk, RunRef } from "../../core/ports/checkpoints.ts";
import { digestOf } from "./contents.ts";
import type { Change } from "./fileChanges.ts";
import type { NoteParts } from "./noteContents.ts";
import { putBack } from "./putBack.ts";
import { LINK_MODE, readContent } from "./readContent.ts";
import type { Content } from "./runLog.ts";
import { type TextHunk, textHunks, withoutHunks } from "./textHunks.ts";

interface Compared {
  hunks: TextHunk[];
  /** Those that the runs have left: what somebody has changed since is another one, or none. */
  own: TextHunk[];
  now: { text: string; mode: number; found: Content } & TextForm;
  left: { text: string; mode: number } | undefined;
}

/** What is different in a file now from before the runs that changed it; [] where that is not known. */
export async function hunksOf(parts: NoteParts, change: Change | undefined): Promise<FileHunk[]> {
  const compared = await compare(parts, change);
  if (!compared) return [];
  const accepted = new Set(change!.lines.flatMap((line) => ("accepted" in line ? line.accepted : [])));
  const own = new Set(compared.own.map(({ id }) => id));
  return compared.hunks.map(({ id, beforeStart, before, nowStart, now }) => ({
    id,
    beforeStart: beforeStart + 1,
    beforeLines: before.length,
    nowStart: nowStart + 1,
    nowLines: now.length,
    kept: accepted.has(id),
    isOwn: own.has(id),
  }));
}

/** Puts hunks back and notes that in the log of a run, so that the rest still counts as its own. Resolves with why not, or "". */
export async function revertHunks(
  parts: NoteParts,
  { run, change }: { run: RunRef; change: Change | undefined },
  { ids, as, force }: { ids: readonly string[]; as: RunRef; force: boolean },
): Promise<string> {
  const compared = await compare(parts, change);
  if (!compared) return "what is different in it is not known line by line";
  const { hunks, own, now, left } = compared;
  const chosen = hunks.filter(({ id }) => ids.includes(id));
  if (chosen.length < new Set(ids).size) return "these lines are not as they were when they were looked at";
  const isOwn = chosen.every(({ id }) => own.some((one) => one.id === id));
  if (!isOwn && !force) return "somebody else has changed these lines since";
  const { real, isOther } = change!;
  const bytes = encodeText(withoutHunks(now.text, chosen), now);
  if ("missing" in bytes) return `its encoding has no ${bytes.missing}`;
  try {
    await putBack(parts, as, { real, content: { bytes, mode: now.mode, isOther }, found: now.found });
  } catch (error) {
    if (isAppError(error) && error.code === "conflict") return error.message;
    throw error;
  }
  if (left === undefined) return "";
  // What somebody else has changed beside it stays theirs.
  const mine = own.filter(({ id }) => ids.includes(id));
  const rest = encodeText(withoutHunks(left.text, mine), now);
  if ("missing" in rest) return "";
  const digest = await parts.contents.put(rest);
  await parts.logs.append(run, { path: real, at: parts.clock.now(), left: { digest, mode: left.mode } });
  return "";
}

async function compare({ contents }: NoteParts, change: Change | undefined): Promise<Compared | undefined> {
  if (!change?.before || change.before.mode === LINK_MODE) return undefined;
  const readText = async (content: Content) => {
    const bytes = content && (await contents.get(content.digest));
    const read = bytes && decodeText(bytes);
    return content && read ? { ...read, mode: content.mode } : undefined;
  };
  const before = await readText(change.before);
  const { bytes, mode } = await readContent(change.real);
  const now = bytes && mode !== LINK_MODE ? decodeText(bytes) : undefined;
  const hunks = before && now ? textHunks(before.text, now.text) : undefined;
  if (!before || !bytes || !now || !hunks) return undefined;
  const last = change.lines.findLast((line) => "left" in line);
  const left = last && "left" in last && last.by !== "beside" ? await readText(last.left) : undefined;
  // What has no letter by which its encoding shows has the one that it had.
  const form = bytes.every((byte) => byte < 0x80) ? { encoding: before.encoding, hasBom: before.hasBom } : {};
  return {
    hunks,
    own: left ? (textHunks(before.text, left.text) ?? []) : [],
    now: { ...now, ...form, mode, found: { digest: digestOf(bytes), mode } },
    left,
  };
}
