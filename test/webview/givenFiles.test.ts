import { expect, test } from "vitest";
import { readGivenFiles } from "../../webview-ui/composer/givenFiles.ts";

const TEXT = "Gärten für Ä, 5 €";

/** A folder that was dropped, or a file that is gone since: the browser has a name of it, and no bytes. */
function goneFile(name: string): File {
  const file = new File(["x"], name);
  return Object.assign(file, { arrayBuffer: () => Promise.reject(new Error("NotFoundError")) });
}

const bigEndian = (text: string) => new Uint8Array(Buffer.from(text, "utf16le").swap16());

test("a file that cannot be read takes no other along", async () => {
  const files = [goneFile("beds"), new File([TEXT], "notes.md"), goneFile("gone.txt")];
  expect(await readGivenFiles(files)).toEqual({
    attachments: [{ name: "notes.md", mediaType: "text/plain", data: TEXT }],
    refused: ["beds could not be read and was not attached.", "gone.txt could not be read and was not attached."],
  });
});

test.each<[string, Uint8Array<ArrayBuffer>, string]>([
  ["UTF-8 with a mark", new Uint8Array(Buffer.from(`\ufeff${TEXT}`)), TEXT],
  ["UTF-16, little end first", new Uint8Array(Buffer.from(`\ufeff${TEXT}`, "utf16le")), TEXT],
  ["UTF-16, big end first", bigEndian(`\ufeff${TEXT}`), TEXT],
  ["UTF-8 with a byte that is none", new Uint8Array([...Buffer.from(TEXT), 0xff]), `${TEXT}\ufffd`],
  ["Windows-1252", new Uint8Array(Buffer.from("Gärten\r\n\tfür Ä", "latin1")), "Gärten\r\n\tfür Ä"],
])("a text is read in its encoding: %s", async (_, bytes, data) => {
  const { attachments } = await readGivenFiles([new File([bytes], "notes.txt")]);
  expect(attachments).toEqual([{ name: "notes.txt", mediaType: "text/plain", data }]);
});

test.each<[string, number[]]>([
  ["with zeros", [1, 0, 2]],
  ["with controls that are in no text", [0xe4, 0x01, 0xf6]],
  ["with half a letter of UTF-16", [0xff, 0xfe, 0x41]],
])("bytes that are no text are refused: %s", async (_, bytes) => {
  const { refused } = await readGivenFiles([new File([new Uint8Array(bytes)], "tool.exe")]);
  expect(refused).toEqual(["tool.exe is neither text, image nor PDF and was not attached."]);
});

test("a text that is too large once it is sent is refused before", async () => {
  const bytes = new Uint8Array(Buffer.from(`\ufeff${"花".repeat(300_000)}`, "utf16le"));
  const { refused } = await readGivenFiles([new File([bytes], "flowers.txt")]);
  expect(refused).toEqual([expect.stringContaining("flowers.txt is too large")]);
});
