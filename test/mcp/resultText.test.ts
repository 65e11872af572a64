import { expect, test } from "vitest";
import { toResultText } from "../../src/mcp/tools/resultText.ts";

test("a structure is shown where no text says it; where one does, the text alone is", () => {
  const shown = (content: object[]) => toResultText({ content, structuredContent: { a: 1 } }).text;
  expect(shown([])).toBe('{"a":1}');
  expect(shown([{ type: "text", text: "" }])).toBe('{"a":1}');
  expect(shown([{ type: "text", text: "One." }])).toBe("One.");
});
