import { isPage, pageWords } from "./pageWords.ts";
import { type BodyReader, readResponse, readText } from "../../net/readBody.ts";
import { withoutEmptyEvents } from "../../net/withoutEmptyEvents.ts";

// More than any model answers; a page or a whole answer must not fill the memory.
const LONGEST_CHARS = 64 * 1024 * 1024;

export interface WholeAnswerReader {
  /** The frames of the stream that a whole answer stands for, or of an error in its place. */
  toFrames(answer: Record<string, unknown>): string[];
  /** Ends the request with this message. */
  fail(message: string): void;
  /** The same, where it was not the API that answered. */
  failAstray(message: string): void;
  title: string;
}

/** The frame of an event that is named by its type. */
export function namedFrame(event: { type: string; [field: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/**
 * The response as a stream of events, whatever came in its body: some servers answer a request for a stream with one JSON, with an
 * error under status 200, or with a web page. The body is handed on as one stream, since each costs as much as a turn's answer.
 */
export async function asStream(response: Response, source: BodyReader, reader: WholeAnswerReader): Promise<Response> {
  if (!response.ok) return readResponse(source, response);
  const head: Uint8Array<ArrayBuffer>[] = [];
  let first = "";
  // Blank lines and byte order marks may come in pieces of their own.
  while (first === "") {
    const { done, value } = await source.read();
    if (done) break;
    head.push(value);
    first = new TextDecoder().decode(value).trimStart().slice(0, 1);
  }
  const rest = joined(head, source);
  if (first !== "{" && first !== "[" && first !== "<") return readResponse(withoutEmptyEvents(rest), response);
  const text = await readText(rest, LONGEST_CHARS);
  const headers = { "content-type": "text/event-stream" };
  const stream = (frames: string[]) => new Response(frames.join(""), { status: response.status, headers });
  if (first === "<" || isPage(text)) {
    reader.failAstray(
      `${reader.title} answered with a web page in place of an answer: ${pageWords(text) || "it is empty"}`,
    );
    return stream([]);
  }
  const answers = parseAll(text);
  if (!answers) {
    reader.fail(`${reader.title} sent an answer that cannot be read: ${pageWords(text)}`);
    return stream([]);
  }
  return stream(answers.flatMap((answer) => reader.toFrames(answer)));
}

/** One JSON object, a list of them, or one a line. */
function parseAll(text: string): Record<string, unknown>[] | undefined {
  try {
    const whole: unknown = JSON.parse(text);
    return (Array.isArray(whole) ? whole : [whole]) as Record<string, unknown>[];
  } catch {
    try {
      const lines = text.split("\n").filter((line) => line.trim() !== "");
      return lines.length > 1 ? lines.map((line) => JSON.parse(line) as Record<string, unknown>) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** The same from its beginning, of which this was read already. */
function joined(head: Uint8Array<ArrayBuffer>[], source: BodyReader): BodyReader {
  return {
    async read() {
      const kept = head.shift();
      return kept ? { done: false, value: kept } : source.read();
    },
    cancel: (reason) => source.cancel(reason),
  };
}
