import type { BodyReader } from "./readBody.ts";

// The end of a line, and an empty one.
const END = /\n\r?\n|\r\r/g;
const LONGEST_END = 3;
const NAMED = /^(?:data|event)(?::|$)/m;
// A mark of the byte order may stand before the first, which is three characters here.
const TOLD = /^(?:\xef\xbb\xbf)?data:[ \t]*\S/m;

/**
 * The same server-sent events without those that say nothing, as some servers keep a connection open by them: SDKs take them for
 * broken JSON. What has begun of an event waits for its end, before which no SDK could read it either.
 */
export function withoutEmptyEvents(source: BodyReader): BodyReader {
  /** What has come since the newest event's end, in pieces: a long one is put together once. */
  let begun: string[] = [];
  let tail = "";
  return {
    async read() {
      for (;;) {
        const { done, value } = await source.read();
        if (done) {
          const rest = toBytes(withoutEmpty(begun.join("")));
          begun = [];
          return rest.length > 0 ? { done: false, value: rest } : { done: true, value: undefined };
        }
        // A character for each byte, so that no piece ends within one.
        const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
        const end = lastEnd(tail + text) - tail.length;
        tail = (tail + text).slice(1 - LONGEST_END);
        if (end <= 0) {
          begun.push(text);
          continue;
        }
        const events = [...begun, text.slice(0, end)].join("");
        begun = [text.slice(end)];
        const told = withoutEmpty(events);
        if (told !== "") return { done: false, value: told === text ? value : toBytes(told) };
      }
    },
    cancel: (reason) => source.cancel(reason),
  };
}

/** Where the last event ends; 0 where none does. */
function lastEnd(text: string): number {
  let end = 0;
  for (const { index, 0: found } of text.matchAll(END)) end = index + found.length;
  return end;
}

function withoutEmpty(text: string): string {
  const events: string[] = [];
  let start = 0;
  for (const { index, 0: found } of text.matchAll(END)) {
    events.push(text.slice(start, index + found.length));
    start = index + found.length;
  }
  events.push(text.slice(start));
  return events.filter((event) => TOLD.test(event) || !NAMED.test(event)).join("");
}

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Buffer.from(text, "latin1");
}
