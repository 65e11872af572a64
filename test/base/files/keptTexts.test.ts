import { join } from "node:path";
import { expect, test } from "vitest";
import { createKeptTexts } from "../../../src/base/files/keptTexts.ts";
import { tempFolder } from "../../tools/toolContext.ts";

test("a text that grows is kept to its last byte, or to where there is room", async () => {
  const texts = createKeptTexts(tempFolder(), () => 0, 1000);
  const kept = texts.open("main");
  kept.add("a€");
  kept.add("b");
  await kept.close();
  expect([kept.bytes(), kept.isCut()]).toEqual([5, false]);
  expect(await texts.read("main", kept.id, 0, 100)).toEqual({ text: "a€b", end: 5, total: 5 });
  const long = texts.open("main");
  for (let at = 0; at < 12; at += 1) long.add("x".repeat(100));
  await long.close();
  expect([long.bytes(), long.isCut()]).toEqual([1000, true]);
});

test("where the disk refuses nothing is kept, and nothing fails", async () => {
  const texts = createKeptTexts(join(tempFolder({ file: "" }), "file"), () => 0);
  const kept = texts.open("main");
  kept.add("a");
  await kept.close();
  expect([kept.bytes(), kept.isCut()]).toEqual([0, true]);
});
