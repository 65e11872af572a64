import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { cutText } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import { hintText, leftOpen, readHeaded, yesNo } from "../../base/input/headedText.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { quotedLine } from "../../base/text/visible.ts";
import { type Skill, skillName } from "../../protocol/context/skill.ts";

const MOST_DESCRIPTION = 1024;

const words = z.union([
  z.array(z.string()),
  // As in "Bash(git:*) Read": blanks and commas part them, but not within brackets.
  z.string().transform((text) => text.match(/[^\s,(]+(?:\([^)]*\))?/g) ?? []),
]);

const headShape = z.looseObject({
  name: leftOpen(z.string()),
  description: leftOpen(z.string()),
  license: leftOpen(z.string().max(500)),
  compatibility: leftOpen(z.string().max(500)),
  metadata: z.unknown().optional(),
  "allowed-tools": leftOpen(words),
  "argument-hint": leftOpen(hintText),
  "disable-model-invocation": yesNo.default(false),
  "user-invocable": yesNo.default(true),
});

const KNOWN = new Set(Object.keys(headShape.shape));

export type SkillHead = Pick<
  Skill,
  | "name"
  | "description"
  | "forModel"
  | "forPeople"
  | "argumentHint"
  | "allowedTools"
  | "license"
  | "compatibility"
  | "notes"
> & { body: string };

/** What a SKILL.md says of its skill (agentskills.io), and the instructions after it. bad_request says what is wrong. */
export function readSkillHead(text: string, folderName: string): SkillHead {
  const { head, body } = readHeaded(text);
  const { name = folderName, description = "", license, compatibility, ...rest } = parseInput(headShape, head);
  if (!skillName.safeParse(name).success)
    throw new AppError("bad_request", `Its name ${quotedLine(name)} is not of letters, digits, - and _, 64 at most`);
  if (description.trim() === "") throw new AppError("bad_request", "It has no description");
  if (body === "") throw new AppError("bad_request", "It has no instructions");
  const ignored = Object.keys(rest).filter((key) => !KNOWN.has(key));
  return {
    name,
    description: cutText(description.trim(), MOST_DESCRIPTION),
    forModel: !rest["disable-model-invocation"],
    forPeople: rest["user-invocable"],
    ...defined({
      argumentHint: rest["argument-hint"],
      allowedTools: rest["allowed-tools"],
      license,
      compatibility,
    }),
    notes: [
      ...(name === folderName ? [] : [`Its folder is called ${quotedLine(folderName)}`]),
      ...(description.length > MOST_DESCRIPTION ? [`Its description is cut at ${MOST_DESCRIPTION} characters`] : []),
      ...(rest["allowed-tools"] ? ["allowed-tools grants nothing: what asks still asks"] : []),
      ...(ignored.length > 0 ? [`Means nothing here: ${ignored.map((key) => quotedLine(key)).join(", ")}`] : []),
    ],
    body,
  };
}
