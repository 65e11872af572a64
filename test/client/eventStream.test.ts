import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { readEvents } from "../../src/client/eventStream.ts";

async function typesOf(chunks: (string | Buffer)[]): Promise<string[]> {
  const types: string[] = [];
  for await (const event of readEvents(Readable.from(chunks, { objectMode: false }))) types.push(event.type);
  return types;
}

const event = (type: string) => `id: 7\nevent: x\ndata: {"type":"${type}"}\n\n`;

test.each([
  ["lines that end in LF", "\n"],
  ["in CRLF", "\r\n"],
  ["in CR", "\r"],
])("reads events with %s, whatever the pieces", async (_name, end) => {
  const bytes = Buffer.from(`: hello\n\nretry: 1000\n\n${event("ä")}${event("😀")}`.replaceAll("\n", end));
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    // A CR at the very end may be half of a CRLF: what follows says so.
    expect(await typesOf([...pieces, Buffer.from(": the end\n\n")])).toEqual(["ä", "😀"]);
  }
});

test("data over several lines is one event, a field of another name is none, and a half event at the end is dropped", async () => {
  const text = 'data: {"type":\ndata: "a"}\n\nfoo: 1\n\ndata: {"type":"half"}\n';
  expect(await typesOf([text])).toEqual(["a"]);
});

test("what is not an event's JSON ends the stream by name", async () => {
  await expect(typesOf(["data: <html>\n\n"])).rejects.toMatchObject({ code: "unavailable" });
});
