import { readFile } from "node:fs/promises";
import { type Document, parseDocument } from "yaml";
import { AppError } from "../../base/appError.ts";
import { fileLane } from "../../base/files/fileLane.ts";
import { decodeText, encodeText } from "../../base/text/textBytes.ts";
import { writePrivateFile } from "../privateFile.ts";
import { toTextLike } from "../yamlText.ts";

/**
 * Changes an openclaw.yml, which keeps its comments, or makes the file. `put` is given its document and says whether it changed it. Rejects
 * with `conflict` where the file has faults, or `put` throws; then nothing has changed. `mayWrite` is asked when all is ready, and
 * rejects where it is to stay as it is.
 */
export async function changeConfig(
  path: string,
  put: (document: Document) => boolean,
  { what, byHand, misfit, mayWrite }: Words & { mayWrite?: () => Promise<void> },
): Promise<void> {
  await fileLane(path, async (fence) => {
    const before = await readTextFile(path);
    const refuse = (why: string) =>
      new AppError("conflict", `${what} was written into ${path}: ${why}. Write it there by hand: ${byHand}`);
    if (!before) throw refuse("it is no text");
    const document = parseDocument(before.text);
    const [fault] = document.errors;
    if (fault) throw refuse(fault.message.split("\n")[0]!);
    let isNew: boolean;
    try {
      isNew = put(document);
    } catch {
      throw refuse(misfit);
    }
    if (!isNew) return;
    const bytes = encodeText(toTextLike(document, before.text), before);
    if ("missing" in bytes) throw refuse(`it is written in ${before.encoding}, which has no ${bytes.missing}`);
    await mayWrite?.();
    await writePrivateFile(path, bytes, { fence });
  });
}

interface Words {
  what: string;
  byHand: string;
  misfit: string;
}

/** An empty one where there is none; undefined when it is no text. */
async function readTextFile(path: string): Promise<ReturnType<typeof decodeText>> {
  try {
    return decodeText(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { text: "", encoding: "utf-8", hasBom: false };
    throw error;
  }
}
