import { fieldsOf } from "./answerFields.ts";
import { lastEventEnd, LONGEST_END } from "./eventEnds.ts";
import { shownJson } from "./shownJson.ts";
import { defined } from "../../base/defined.ts";

// A fault that a server has no frame for is a few words. A result may be long that says by a null that it is no fault.
const MOST_CHARS = 8192;
const NO_FAULT = /"error"\s*:\s*null/;

/**
 * An answer by HTTP that is a fault without all that the protocol wants around it, as one by a server's front that knows nothing of the
 * question: as the answer to the question of this id. So is an answer that has both a result and an error, of which one is null: without
 * that one. Undefined for any other text.
 */
export function framedFault(text: string, id: unknown): string | undefined {
  if (text.length > MOST_CHARS ? !NO_FAULT.test(text) : !text.includes('"error"')) return undefined;
  const given = fieldsOf(parsed(text));
  if (!given || given["method"] !== undefined) return undefined;
  if (given["error"] === null && fieldsOf(given["result"])) return written({ ...given, error: undefined });
  if ((given["result"] ?? undefined) !== undefined) return undefined;
  const error = typeof given["error"] === "string" ? { message: given["error"] } : fieldsOf(given["error"]);
  if (!error) return undefined;
  const { code, message, data } = error;
  return JSON.stringify({
    jsonrpc: "2.0",
    id: given["id"] ?? id,
    error: {
      code: Number.isInteger(code) ? code : -32000,
      message: typeof message === "string" ? message : shownJson(error),
      ...defined({ data }),
    },
  });
}

/** The same for each event of a stream. What is long goes through as it comes, a short event when it is whole. */
export function createFramer(id: unknown): TransformStream<Uint8Array, Uint8Array> {
  let held = Buffer.alloc(0);
  return new TransformStream({
    transform(chunk, controller) {
      const all = Buffer.concat([held, chunk]);
      const end = Math.max(0, lastEventEnd(all));
      if (end > 0) controller.enqueue(framedEvents(all.subarray(0, end), id));
      const rest = all.subarray(end);
      const isLong = rest.length > MOST_CHARS;
      if (isLong) controller.enqueue(rest.subarray(0, -LONGEST_END));
      held = Buffer.from(isLong ? rest.subarray(-LONGEST_END) : rest);
    },
    flush(controller) {
      if (held.length > 0) controller.enqueue(held);
    },
  });
}

function framedEvents(events: Buffer, id: unknown): Buffer {
  if (!events.includes('"error"')) return events;
  // Byte by byte: what comes first may be the rest of a long event, from the middle of a letter on.
  const mended = events
    .toString("latin1")
    .split(/(?<=\r\n\r\n|\n\n|\r\r)/)
    .map((event) => {
      const lines = event.split(/\r\n|\r|\n/);
      const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice("data:".length));
      const framed = framedFault(Buffer.from(data.join("\n"), "latin1").toString(), id);
      if (framed === undefined) return event;
      const others = lines.filter((line) => line !== "" && !line.startsWith("data:"));
      return [...others, `data: ${Buffer.from(framed).toString("latin1")}`, "", ""].join("\n");
    });
  return Buffer.from(mended.join(""), "latin1");
}

/** Undefined for what is nested deeper than can be written. */
function written(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
