import { expect, test } from "vitest";
import { toTestTarget } from "../../../src/vscode/sessions/testTarget.ts";

const uri = (fsPath: string, scheme = "file") => ({ scheme, fsPath, toString: () => `${scheme}://${fsPath}` });
const relative = (path: string) => path.replace("/ws/", "");
const item = (label: string, more: object = {}) => ({ id: label, label, children: { size: 0 }, ...more });
const line = (number: number) => ({ start: { line: number } });

test("a test is named with its suites, its place, and what it failed with", () => {
  const file = item("a.test.ts", { uri: uri("/ws/a.test.ts") });
  const suite = item("parser", { uri: file.label && uri("/ws/a.test.ts"), range: line(0), parent: file });
  const one = item("reads a line", { uri: uri("/ws/a.test.ts"), range: line(4), parent: suite });
  expect(toTestTarget(one, relative)).toEqual({
    name: "parser > reads a line",
    text: 'This is about the test "parser > reads a line" in a.test.ts:5.',
    path: "/ws/a.test.ts",
  });
  const failed = { test: one, message: { message: { value: "expected 1, was 2" } } };
  expect(toTestTarget(failed, relative)!.text).toBe(
    'This is about the test "parser > reads a line" in a.test.ts:5. Its last run failed with:\nexpected 1, was 2',
  );
  expect(toTestTarget({ test: one, message: { message: "x".repeat(99_999) } }, relative)!.text.length).toBeLessThan(
    4200,
  );
  expect(toTestTarget(item("all tests"), relative)).toEqual({
    name: "all tests",
    text: 'This is about the test "all tests".',
  });
  expect(toTestTarget(item("far", { uri: uri("/x", "vscode-remote") }), relative)).not.toHaveProperty("path");
});

test.each([[undefined], [null], ["x"], [{}], [{ key: "s_1" }], [{ label: "x", id: 1, children: {} }], [uri("/ws/a")]])(
  "%j is no test",
  (given) => expect(toTestTarget(given, relative)).toBeUndefined(),
);
