import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { readImageFacts } from "../../../src/base/attachments/imageFacts.ts";
import type { Message } from "../../../src/protocol/message.ts";
import { toExchanges } from "../../../src/providers/shared/exchanges.ts";
import { IMAGE_LIMITS } from "../../../src/providers/shared/imageLimits.ts";
import { toolResult, user } from "../collect.ts";

/** A PNG's header of any size: as much as limits look at. */
function png(width: number, height: number, padding = 0): string {
  const head = Buffer.alloc(33 + padding);
  head.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  head.writeUInt32BE(13, 8);
  head.write("IHDR", 12, "latin1");
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head.toString("base64");
}

const jpeg = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2]),
  Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 50, 0, 70, 1, 1, 0x11, 0, 0xff, 0xd9]),
]).toString("base64");
const gif = Buffer.from("GIF89a\x05\0\x07\0\0\0\0", "latin1").toString("base64");
const webp = (kind: string, rest: number[]) =>
  Buffer.concat([Buffer.from(`RIFF....WEBP${kind}....`, "latin1"), Buffer.from(rest), Buffer.alloc(12)]).toString(
    "base64",
  );

test.each([
  ["a PNG", png(12, 34), { mediaType: "image/png", width: 12, height: 34 }],
  ["a JPEG, past its first segment", jpeg, { mediaType: "image/jpeg", width: 70, height: 50 }],
  ["a GIF", gif, { mediaType: "image/gif", width: 5, height: 7 }],
  [
    "a WebP with a canvas",
    webp("VP8X", [0, 0, 0, 0, 9, 0, 0, 19, 0, 0]),
    { mediaType: "image/webp", width: 10, height: 20 },
  ],
  [
    "a lossy WebP",
    webp("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 8, 0, 6, 0]),
    { mediaType: "image/webp", width: 8, height: 6 },
  ],
  ["a lossless WebP", webp("VP8L", [0x2f, 9, 0xc0, 4, 0]), { mediaType: "image/webp", width: 10, height: 20 }],
])("the facts of %s", (_name, data, facts) => {
  expect(readImageFacts(data)).toEqual(facts);
});

test.each([
  ["", "###", "AAAA", png(0, 5), deflateSync("no image").toString("base64"), `data:image/png;base64,${png(1, 1)}`],
])("what is no image has none: %s", (...all) => {
  expect(all.map((data) => readImageFacts(data))).toEqual(all.map(() => undefined));
});

const image = (data: string, name = "a.png") => ({ name, mediaType: "image/png", data });
const shown = (
  messages: Message[],
  limits = IMAGE_LIMITS.anthropic as (typeof IMAGE_LIMITS)[keyof typeof IMAGE_LIMITS],
) =>
  toExchanges(messages, limits).flatMap((turn) =>
    turn.role === "user"
      ? turn.parts.map((part) => (part.type === "text" ? part.text : part.attachment.mediaType))
      : turn.results.map(({ text, images }) => `${text} +${images?.length ?? 0}`),
  );

test("an image that an API does not take becomes a line of text, in what is said and in results", () => {
  const large = image(png(10, 10, 4_000_000), "large.png");
  const history = [
    user("look", { attachments: [image(png(9000, 10), "wide.png"), image(png(10, 10)), large] }),
    { role: "assistant" as const, text: "", toolCalls: [{ id: "c", name: "shot", input: {} }], model: "x/y" },
    toolResult("c", "shot", "done", { images: [image("###", "broken.png"), image(png(5, 5))] }),
  ];
  expect(shown(history)).toEqual([
    "image/png",
    "[The image wide.png is not shown: it measures 9000 x 10 pixels, and 8000 a side is the limit]\n[The image large.png is not shown: it has 5.1 MB as base64, and 5 MB is the limit]\nlook",
    "done\n[The image broken.png is not shown: its data cannot be read as PNG, JPEG, GIF or WebP] +1",
  ]);
  expect(shown(history, IMAGE_LIMITS.google).slice(0, 3)).toEqual(["image/png", "image/png", "image/png"]);
});

test("many images in one request have a smaller limit, and of too many the newest are shown", () => {
  const many = Array.from({ length: 21 }, (_, at) => image(png(at === 0 ? 2500 : 100, 10), `${at}.png`));
  expect(shown([user("all", { attachments: many })]).at(-1)).toContain("0.png is not shown: it measures 2500 x 10");
  const more = Array.from({ length: 102 }, (_, at) => image(png(10, 10), `${at}.png`));
  const lines = shown([user("all", { attachments: more })])
    .at(-1)!
    .split("\n");
  expect(lines.map((line) => /image (\d+)/.exec(line)?.[1])).toEqual(["0", "1", undefined]);
});

test("the type is that of the bytes, whatever was said", () => {
  expect(shown([user("", { attachments: [image(jpeg)] })])[0]).toBe("image/jpeg");
});
