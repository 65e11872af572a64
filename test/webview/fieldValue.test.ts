import { expect, test } from "vitest";
import type { McpField } from "../../src/protocol/mcp.ts";
import { faultOf, type FieldValue, firstValue, toContent, UNREADABLE } from "../../webview-ui/parts/fieldValue.ts";

const field = (kind: McpField["kind"], more: Partial<McpField> = {}): McpField => ({
  ...{ name: "x", kind, title: "X", required: false },
  ...more,
});
const options = [
  { value: "a", title: "A" },
  { value: "b", title: "B" },
];

test.each<[string, McpField, FieldValue, string | undefined]>([
  ["nothing, where nothing is needed", field("text"), "", undefined],
  ["nothing, where something is", field("text", { required: true }), "", "An answer is needed here."],
  ["a number that is none", field("number"), UNREADABLE, "Type a number."],
  ["a part of a whole", field("number", { whole: true }), "2.5", "Type a whole number."],
  ["a negative number over zero", field("number", { min: 0 }), "-1", "at least 0"],
  ["too much", field("number", { max: 2 }), "2.01", "at most 2"],
  ["a number within its limits", field("number", { min: -1, max: 2 }), "-0.5", undefined],
  ["a short text", field("text", { min: 2, max: 4 }), "a", "2 to 4 characters"],
  ["emoji, each one character", field("text", { max: 2 }), "😀😀", undefined],
  ["a text of another length", field("text", { min: 1, max: 1 }), "ab", "exactly 1 character"],
  ["no address", field("text", { format: "uri" }), "example.org", "Type an address, such as https://example.org."],
  ["half a date", field("text", { format: "date" }), UNREADABLE, "Type a date."],
  ["too few choices", field("choices", { options, min: 2 }), ["a"], "at least 2 choices"],
  ["none of many", field("choices", { options }), [], undefined],
  ["a choice", field("choice", { options, required: true }), "", "An answer is needed here."],
])("%s", (_what, given, value, fault) => {
  expect(faultOf(given, value)).toBe(fault);
});

test("a default of another kind is none", () => {
  const given: McpField[] = [
    field("number", { default: "2" }),
    field("boolean", { default: "yes" }),
    field("choice", { options, default: "c" }),
    field("choices", { options, default: ["b", "c", 1] }),
    field("text", { default: 7 }),
    field("text", { format: "date-time", default: "soon" }),
  ];
  expect(given.map(firstValue)).toEqual(["", false, "", ["b"], "", ""]);
});

test("what was not touched and has no default is left out, and names are names", () => {
  const named = (name: string, kind: McpField["kind"], more: Partial<McpField> = {}) => field(kind, { name, ...more });
  const fields = [
    named("__proto__", "text"),
    named("constructor", "boolean"),
    named("nights", "number"),
    named("left", "boolean"),
    named("must", "boolean", { required: true }),
    named("was", "text", { default: "before" }),
    named("many", "choices", { options }),
    named("when", "text", { format: "date-time", default: "2026-11-26T14:30:00Z" }),
  ];
  const written = new Map<string, FieldValue>([
    ["__proto__", "Kyoto"],
    ["constructor", true],
    ["nights", "3"],
    ["was", ""],
  ]);
  expect(Object.entries(toContent(fields, written))).toEqual([
    ["__proto__", "Kyoto"],
    ["constructor", true],
    ["nights", 3],
    ["must", false],
    ["was", ""],
    ["when", "2026-11-26T14:30:00.000Z"],
  ]);
});
