import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { cutText } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import { readHeaded } from "../../base/input/headedText.ts";
import { quotedLine } from "../../base/text/visible.ts";
import { type Skill, skillName } from "../../protocol/context/skill.ts";

const MOST_DESCRIPTION = 1024;

const words = z.union([
  z.array(z.string()),
  // As in "Bash(git:*) Read": blanks and commas part them, but not within brackets.
  z.string().transform((text) => text.match(/[^\s,(]+(?:\([^)]*\))?/g) ?? []),
]);

const headShape = z.looseObject({
  name: z.string().optional(),
  description: z.string().optional(),
  license: z.string().max(500).optional(),
  compatibility: z.string().max(500).optional(),
  metadata: z.unknown().optional(),
  "allowed-tools": words.optional(),
  "argument-hint": z.string().max(200).optional(),
  "disable-model-invocation": z.boolean().default(false),
  "user-invocable": z.boolean().default(true),
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
  const given = headShape.safeParse(head);
  if (!given.success) throw new AppError("bad_request", z.prettifyError(given.error).replace(/\n\s*/g, " "));
  const { name = folderName, description = "", license, compatibility, ...rest } = given.data;
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
