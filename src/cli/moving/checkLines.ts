import { isAppError } from "../../base/appError.ts";
import { readMovedLine } from "../../base/input/readMovedLine.ts";
import { quotedLine } from "../../base/text/visible.ts";
import type { MovedLine } from "../../protocol/written/movedLine.ts";
import { type FileLine, lineFault } from "./fileLines.ts";

/** Of a file, or of what is made of one. */
export interface Checked {
  sessions: number;
  messages: number;
  jobs: number;
}

/**
 * Reads all lines of an export before any is taken: each by itself, their order, and whether the end is there. Throws a
 * bad_request with the number of the first line that is not as it should be.
 */
export async function checkLines(lines: AsyncIterable<FileLine>): Promise<Checked> {
  const seen: Checked = { sessions: 0, messages: 0, jobs: 0 };
  let last = 0;
  let session: { key: string; next: number } | undefined;
  let isFirst = true;
  let ended = false;
  for await (const { line, text } of lines) {
    last = line;
    const moved = readAt(line, text);
    if ((moved.type === "pincer") !== isFirst)
      throw lineFault(line, "What pincer export writes begins with a line of type pincer, and has no other");
    isFirst = false;
    if (ended) throw lineFault(line, "It stands behind the end");
    if (moved.type === "session") {
      seen.sessions += 1;
      session = { key: moved.key, next: 0 };
    } else if (moved.type === "message") {
      if (session?.key !== moved.sessionKey) throw lineFault(line, "A message stands behind its session");
      if (moved.n !== session.next)
        throw lineFault(line, `Message ${session.next} of session ${quotedLine(session.key)} is missing`);
      session.next += 1;
      seen.messages += 1;
    } else if (moved.type === "job") {
      session = undefined;
      seen.jobs += 1;
    } else if (moved.type === "end") {
      ended = true;
      const { sessions, messages, jobs } = moved;
      if (sessions !== seen.sessions || messages !== seen.messages || jobs !== seen.jobs)
        throw lineFault(
          line,
          `It tells of ${sessions} sessions, ${messages} messages and ${jobs} jobs, and there are ${seen.sessions}, ${seen.messages} and ${seen.jobs}`,
        );
    }
  }
  if (!ended) throw lineFault(last + 1, "The file ends here without its end: it was cut");
  return seen;
}

function readAt(line: number, text: string): MovedLine {
  try {
    return readMovedLine(text);
  } catch (error) {
    throw isAppError(error) ? lineFault(line, error.message) : error;
  }
}
