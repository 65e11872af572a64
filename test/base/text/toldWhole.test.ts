import { expect, test } from "vitest";
import { commandAsk } from "../../../src/tools/shell/commandAsk.ts";
import { isToldWhole } from "../../../src/base/text/toldWhole.ts";

test.each([
  ["npm test", true],
  ["npm test\nnpm run build", true],
  ["echo \u200bhi", true],
  [`echo ok${" ".repeat(300)}; rm -rf x`, true],
  [`echo ${"a".repeat(300)}; rm -rf x`, false],
])("a notification may allow a command only when it tells all of it: %j", async (command, whole) => {
  const ask = await commandAsk(command, "/work", { access: "write" });
  expect(isToldWhole(ask)).toBe(whole);
  if (whole) expect(ask.summary.endsWith(command.slice(-4))).toBe(!command.includes("\u200b"));
});

test("a change to a file is not told by its name, nor a job by its own", () => {
  const edit = { type: "edit" as const, path: "a.txt", before: "", after: "rm -rf /" };
  expect(isToldWhole({ summary: "change a.txt", subject: edit })).toBe(false);
  expect(isToldWhole({ summary: "cron add: tidy", subject: { type: "other", text: '{"message":"rm"}' } })).toBe(false);
  const fetched = { type: "other" as const, text: "fetch https://example.com/" };
  expect(isToldWhole({ summary: "fetch https://example.com/", subject: fetched })).toBe(true);
});
