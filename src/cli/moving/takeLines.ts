import type { MovedLine, MovedMessage, TakenJob, TakenSession, TakeRequest } from "../../protocol/written/movedLine.ts";
import { readMovedLine } from "../../base/input/readMovedLine.ts";
import { fromErrorBody, isAppError, toErrorBody } from "../../base/appError.ts";
import { type FileLine, lineFault } from "./fileLines.ts";
import type { MovingDesk } from "./movingDesk.ts";

/** What an import has done, or would do. */
export interface TakenAll {
  /** One of each session, however many calls it took. */
  sessions: TakenSession[];
  jobs: TakenJob[];
  /** What was left out on the way, in words. */
  leftOut: string[];
}

export type TakeOptions = Omit<TakeRequest, "lines">;

const MOST_LINES = 2000;
// Of a message that is here, its place and its run are compared.
const NO_WORDS: MovedMessage["message"] = { role: "system", kind: "event", text: "" };

/**
 * Brings lines in, in calls that are as long as they may be: a session that goes on in the next is named there again, with
 * place and run of the message before, by which it is known from others of its key.
 */
export async function takeLines(desk: MovingDesk, lines: AsyncIterable<FileLine>, how: TakeOptions): Promise<TakenAll> {
  const all: TakenAll = { sessions: [], jobs: [], leftOut: [] };
  const known = new Map<string, TakenSession>();
  let call: FileLine[] = [];
  let bytes = 0;
  let session: FileLine | undefined;
  const flush = async () => {
    if (call.length > 0) add(all, known, await take(desk, call, how));
    call = [];
    bytes = 0;
  };
  const put = async (one: FileLine, goesOn: boolean) => {
    const size = sizeOf(one.text);
    if (bytes + size > desk.mostChars || call.length >= MOST_LINES) {
      const before = call.at(-1);
      await flush();
      if (goesOn && session) await put(session, false);
      if (goesOn && before && before !== session) await putBefore(before);
    }
    call.push(one);
    bytes += size;
  };
  const putBefore = async ({ line, text }: FileLine) => {
    const moved = readMovedLine(text) as MovedMessage;
    // What is only foretold is not there to be compared.
    if (how.dryRun && known.get(moved.sessionKey)?.state !== "there") return;
    await put({ line, text: JSON.stringify({ ...moved, message: NO_WORDS } satisfies MovedMessage) }, false);
  };
  for await (const { line, text } of lines) {
    const moved = readMovedLine(text);
    if (moved.type === "pincer" || moved.type === "end") continue;
    const one = moved.type === "message" ? fitting(desk, { line, text }, moved, session, all.leftOut) : { line, text };
    if (moved.type === "session") session = one;
    await put(one, moved.type === "message");
  }
  await flush();
  return all;
}

/** Over REST no call is longer than 1 MB: of a longer message its pictures and files stay behind. */
function fitting(
  { mostChars }: MovingDesk,
  one: FileLine,
  moved: MovedMessage,
  session: FileLine | undefined,
  leftOut: string[],
): FileLine {
  const room = mostChars - sizeOf(session?.text ?? "") - 1000;
  if (sizeOf(one.text) <= room) return one;
  const { attachments: _files, images: _images, ...message } = moved.message as Record<string, unknown>;
  const text = JSON.stringify({ ...moved, message } as MovedLine);
  if (sizeOf(text) > room)
    throw lineFault(
      one.line,
      "It is longer than a gateway takes in one call; stop the gateway, and import into its store",
    );
  leftOut.push(
    `Line ${one.line}: the pictures or files of a message, which a gateway takes only up to 1 MB; without a gateway they come along`,
  );
  return { line: one.line, text };
}

async function take(desk: MovingDesk, call: FileLine[], how: TakeOptions) {
  try {
    return await desk.take({ ...how, lines: call.map(({ text }) => text) });
  } catch (error) {
    const at = isAppError(error) ? /^lines\.(\d+): (.*)$/s.exec(error.message) : null;
    const line = at && call[Number(at[1])]?.line;
    if (!isAppError(error) || !at || line == null) throw error;
    throw fromErrorBody({ ...toErrorBody(error), message: `Line ${line}: ${at[2]}`, details: [] });
  }
}

function add(
  all: TakenAll,
  known: Map<string, TakenSession>,
  taken: { sessions: TakenSession[]; jobs: TakenJob[] },
): void {
  for (const one of taken.sessions) {
    const before = known.get(one.key);
    if (before) {
      before.messages += one.messages;
      if (before.state === "there") Object.assign(before, { ...one, messages: before.messages });
    } else {
      known.set(one.key, { ...one });
      all.sessions.push(known.get(one.key)!);
    }
  }
  all.jobs.push(...taken.jobs);
}

function sizeOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) + 1;
}
