import { expect, test } from "vitest";
import { shownImages } from "../../../src/core/runs/calls/shownImages.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("an image is shown as what its bytes are, whatever its tool calls it; what is none is told of", () => {
  const shown = shownImages(["image/unknown", "image/jpeg"].map((mediaType) => ({ name: "a", mediaType, data: PNG })));
  expect(shown.images!.map(({ mediaType }) => mediaType)).toEqual(["image/png", "image/png"]);
  const svg = { name: "b.svg", mediaType: "image/svg+xml", data: Buffer.from("<svg/>").toString("base64") };
  expect(shownImages([svg])).toEqual({
    lines: ["[The image b.svg is not shown: it cannot be read as PNG, JPEG, GIF or WebP]"],
  });
});
