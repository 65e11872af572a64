import { parse } from "yaml";
import { AppError } from "../appError.ts";

// Heads are read at each run's start, and others wrote them.
const MOST_HEAD = 16_000;

export interface HeadedText {
  /** The keys of its head; none where it has no head. */
  head: Record<string, unknown>;
  /** What follows the head, without blanks around it. */
  body: string;
}

/** A Markdown file that may begin with a head of YAML between two lines of ---. bad_request says what is wrong with that. */
export function readHeaded(text: string): HeadedText {
  const [, head = "", body = text] = /^\uFEFF?---[ \t]*\r?\n([^]*?\r?\n)?---[ \t]*(?:\r?\n([^]*))?$/.exec(text) ?? [];
  // An agent of more rights than its file means would be the worst reading of it.
  if (body === text && /^\uFEFF?---[ \t]*\r?\n[ \t]*[\w-]+:/.test(text))
    throw new AppError("bad_request", "Its head has no end: a line of --- is missing");
  if (head.length > MOST_HEAD)
    throw new AppError("bad_request", `Its head has ${head.length} characters, and may have ${MOST_HEAD}`);
  return { head: readKeys(head), body: (body ?? "").trim() };
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
    // Many write a colon into a description and do not know that YAML takes it for a key.
    const quoted = head.replace(/^([\w-]+):[ \t]+(?!["'|>[{&*!#])(.*: .*?)\r?$/gm, (_, key: string, value: string) => {
      return `${key}: ${JSON.stringify(value)}`;
    });
    if (quoted === head) throw error;
    return parse(quoted, OPTIONS);
  }
}

// What stands for much more than is written is nobody's description.
const OPTIONS = { maxAliasCount: 10, logLevel: "error" } as const;
