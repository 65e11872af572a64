import { AppError } from "../../base/appError.ts";
import type { RunRef } from "../../core/ports/checkpoints.ts";
import { contentAt, isSame, noteLeft, type NoteParts, putDown } from "./noteContents.ts";
import { type PutContent, putContent } from "./putContent.ts";
import type { Content } from "./runLog.ts";

export const CHANGED_SINCE = "somebody else has changed it since";

/**
 * Puts a content in the place of what was `found` at a path, once that is kept under `as`; undefined: of whatever is there.
 * Rejects with `conflict`, and leaves it, where somebody has saved something else meanwhile.
 */
export async function putBack(
  parts: NoteParts,
  as: RunRef,
  { real, content, found }: { real: string; content: PutContent | null; found: Content | undefined },
): Promise<void> {
  const kept = await putDown(parts, as, real);
  const demand = (now: Content | undefined): void => {
    if (!isSame(now, kept)) throw new AppError("conflict", CHANGED_SINCE);
  };
  if (found !== undefined) demand(found);
  await putContent(real, content, async () => demand(await contentAt(real)));
  await noteLeft(parts, as, real);
}
