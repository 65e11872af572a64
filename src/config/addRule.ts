import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { type Document, isSeq, parseDocument } from "yaml";
import { AppError } from "../base/appError.ts";
import { fileLane } from "../base/files/fileLane.ts";
import { decodeText, encodeText } from "../base/text/textBytes.ts";
import type { Rule } from "../protocol/rule.ts";
import { writePrivateFile } from "./privateFile.ts";
import { toTextLike } from "./yamlText.ts";

/**
 * Adds a rule to `agent.rules` of an openclaw.yml, which keeps its comments, or makes the file. Rejects with `conflict`
 * where it has faults or is otherwise such that a rule has no place in it; then nothing has changed.
 */
export async function addRule(path: string, rule: Rule): Promise<void> {
  await fileLane(path, async (fence) => {
    const before = await readTextFile(path);
    const refuse = (why: string) =>
      new AppError(
        "conflict",
        `No rule was written into ${path}: ${why}. Write it there by hand: ${JSON.stringify(rule)}`,
      );
    if (!before) throw refuse("it is no text");
    const document = parseDocument(before.text);
    const [fault] = document.errors;
    if (fault) throw refuse(fault.message.split("\n")[0]!);
    let isNew: boolean;
    try {
      isNew = put(document, rule);
    } catch {
      throw refuse("agent.rules is no list there");
    }
    if (!isNew) return;
    const bytes = encodeText(toTextLike(document, before.text), before);
    if ("missing" in bytes) throw refuse(`it is written in ${before.encoding}, which has no ${bytes.missing}`);
    await writePrivateFile(path, bytes, { fence });
  });
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

/** False when the rule is there already. Throws where something else is in its place. */
function put(document: Document, rule: Rule): boolean {
  if (document.getIn(["agent"]) === null) document.deleteIn(["agent"]);
  const rules = document.getIn(PLACE);
  if (rules === undefined || rules === null) document.setIn(PLACE, document.createNode([]));
  else if (!isSeq(rules)) throw new TypeError("not a list");
  else if ((rules.toJSON() as unknown[]).some((one) => isDeepStrictEqual(one, rule))) return false;
  document.addIn(PLACE, document.createNode(rule, { flow: true }));
  return true;
}

const PLACE = ["agent", "rules"];
