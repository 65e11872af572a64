import { parse } from "yaml";
import * as z from "zod";
import { AppError } from "../appError.ts";
import { visibleData } from "../text/visible.ts";

// Heads are read at each run's start, and others wrote them.
const MOST_HEAD = 16_000;

export interface HeadedText {
  /** The keys of its head; none where it has no head. */
  head: Record<string, unknown>;
  /** What follows the head, without blanks around it; what hides or reorders words is visible. */
  body: string;
}

/** What a head may leave open by a key without a value. */
export const leftOpen = <S extends z.ZodType>(schema: S) => schema.nullish().transform((value) => value ?? undefined);

/** A text; one in brackets is a list to YAML. */
export const hintText = z
  .union([z.string(), z.array(z.unknown()).transform((words) => `[${words.map(String).join(", ")}]`)])
  .pipe(z.string().max(200));

/** Yes or no, as YAML and its older readers write it. */
export const yesNo = z.union([
  z.boolean(),
  z.enum(["true", "yes", "on"]).transform(() => true),
  z.enum(["false", "no", "off"]).transform(() => false),
]);

/** A Markdown file that may begin with a head of YAML between two lines of ---. bad_request says what is wrong with that. */
export function readHeaded(text: string): HeadedText {
  const plain = text.replace(/^\uFEFF?\s*/, "").replaceAll(/\r\n?/g, "\n");
  const [found, head = "", body = plain] = /^---[ \t]*\n([^]*?\n)?---[ \t]*(?:\n([^]*))?$/.exec(plain) ?? [];
  // An agent of more rights than its file means would be the worst reading of it.
  if (found === undefined && /^(?:-{3,}|\+{3,})[ \t]*\n\s*[\w-]+[ \t]*[:=]/.test(plain))
    throw new AppError("bad_request", "Its head has no end: a line of --- is missing");
  if (head.length > MOST_HEAD)
    throw new AppError("bad_request", `Its head has ${head.length} characters, and may have ${MOST_HEAD}`);
  // Nobody sees what is hidden in a file, and a model would follow it.
  return { head: readKeys(head), body: visibleData(body ?? "").trim() };
}

function readKeys(head: string): Record<string, unknown> {
  let keys: unknown;
  try {
    keys = parseYaml(head);
  } catch (error) {
    throw new AppError("bad_request", `Its head is not YAML: ${(error as Error).message.split("\n", 1)[0]}`);
  }
  if (keys === null || keys === undefined) return {};
  if (typeof keys !== "object" || Array.isArray(keys)) throw new AppError("bad_request", "Its head has no keys");
  return keys as Record<string, unknown>;
}

function parseYaml(head: string): unknown {
  try {
    return parse(head, OPTIONS);
  } catch (error) {
    const quote = (_: string, key: string, value: string) => `${key}: ${JSON.stringify(value)}`;
    const quoted = head
      // Many write a colon into a description and do not know that YAML takes it for a key,
      .replace(/^([\w-]+):[ \t]+(?!["'|>[{&*!#])(.*: .*?)$/gm, quote)
      // or hints at arguments as "[path] [--deep]", which is two lists.
      .replace(/^(argument-hint):[ \t]+([[<{].*)$/gm, quote);
    if (quoted === head) throw error;
    return parse(quoted, OPTIONS);
  }
}

// What stands for much more than is written is nobody's description.
const OPTIONS = { maxAliasCount: 10, logLevel: "error" } as const;
