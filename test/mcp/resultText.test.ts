import { expect, test } from "vitest";
import { toResultText } from "../../src/mcp/tools/resultText.ts";

const text = (said: string) => ({ type: "text", text: said });

test("a structure is shown where no text says it; where one does, the text alone is", () => {
  const shown = (content: object[]) => toResultText({ content, structuredContent: { a: 1 } }).text;
  expect(shown([])).toBe('{"a":1}');
  expect(shown([{ type: "text", text: "" }])).toBe('{"a":1}');
  expect(shown([text("One.")])).toBe('One.\n{"a":1}');
  expect(shown([text('{ "a": 1.0 }')])).toBe('{ "a": 1.0 }');
});

test("a structure that only has a place for what the texts say is not told again", () => {
  const shown = (structuredContent: object, ...texts: string[]) =>
    toResultText({ content: texts.map(text), structuredContent }).text;
  expect(shown({ result: "hello" }, "hello")).toBe("hello");
  expect(shown({ result: [{ a: 1 }, { a: 2 }] }, '{"a":1}', '{"a":2}')).toBe('{"a":1}\n{"a":2}');
  expect(shown({ items: ["x", "y"] }, "x", "y")).toBe("x\ny");
  expect(shown({ items: ["x", "y"] }, "2 items")).toBe('2 items\n{"items":["x","y"]}');
  expect(shown({ b: 2, a: 1 }, "Done:", '{"a":1,"b":2}')).toBe('Done:\n{"a":1,"b":2}');
});
