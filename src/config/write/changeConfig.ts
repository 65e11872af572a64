import { readFile } from "node:fs/promises";
import { type Document, isMap, parseDocument } from "yaml";
import { AppError } from "../../base/appError.ts";
import { fileLane, type LaneFence } from "../../base/files/fileLane.ts";
import { decodeText, encodeText } from "../../base/text/textBytes.ts";
import { writePrivateFile } from "../privateFile.ts";
import { toTextLike } from "./yamlText.ts";

// Whoever saves as often as that is no person.
const MOST_TRIES = 5;

/**
 * Changes an openclaw.yml, which keeps its comments, or makes the file. `put` is given its document and says whether it changed it. Rejects
 * with `conflict` where the file has faults, or `put` throws; then nothing has changed. `mayWrite` is asked once, when all is ready, and
 * rejects where it is to stay as it is. What is saved there meanwhile is changed in its turn.
 */
export async function changeConfig(
  path: string,
  put: (document: Document) => boolean,
  words: Words & { mayWrite?: () => Promise<void> },
): Promise<void> {
  let isAllowed = false;
  const allow = async () => {
    if (!isAllowed) await words.mayWrite?.();
    isAllowed = true;
  };
  await fileLane(path, async (fence) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await changeOnce(path, put, { ...words, allow, fence });
      } catch (error) {
        if (!(error instanceof Overtaken) || tries >= MOST_TRIES) throw error;
      }
    }
  });
}

class Overtaken extends AppError {}

async function changeOnce(
  path: string,
  put: (document: Document) => boolean,
  { what, byHand, misfit, allow, fence }: Words & { allow: () => Promise<void>; fence: LaneFence },
): Promise<void> {
  const read = await readIfThere(path);
  const before = decodeText(read);
  const refuse = (why: string) =>
    new AppError("conflict", `${what} was written into ${path}: ${why}. Write it there by hand: ${byHand}`);
  if (!before) throw refuse("it is no text");
  const document = parseDocument(before.text);
  const [fault] = document.errors;
  if (fault) throw refuse(fault.message.split("\n")[0]!);
  const { contents } = document;
  // `{}` says that nothing is set: with an entry it goes, as does what stands beside it.
  if (isMap(contents) && contents.items.length === 0) Object.assign(contents, { flow: false, comment: undefined });
  let isNew: boolean;
  try {
    isNew = put(document);
  } catch {
    throw refuse(misfit);
  }
  if (!isNew) return;
  const bytes = encodeText(toTextLike(document, before.text), before);
  if ("missing" in bytes) throw refuse(`it is written in ${before.encoding}, which has no ${bytes.missing}`);
  await allow();
  const untouched = async () => {
    await fence();
    // Editors take no lane, and what they were saving may have been read by half.
    if (!(await readIfThere(path)).equals(read))
      throw new Overtaken("conflict", refuse("it is changed over and over").message);
  };
  await writePrivateFile(path, bytes, { fence: untouched });
}

interface Words {
  what: string;
  byHand: string;
  misfit: string;
}

/** Empty where there is none. */
async function readIfThere(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}
