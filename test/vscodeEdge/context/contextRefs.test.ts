import { expect, test } from "vitest";
import { toContextRefs } from "../../../src/vscode/context/contextRefs.ts";

const file = { kind: "file", label: "a.ts:1-2", icon: "file", uri: "file:///w/a.ts", from: 1, to: 2 };

const resource = { kind: "resource", label: "Plan", icon: "plug", id: "notes", uri: "notes://plan" };

test("chips of a page are taken as they are", () => {
  expect(toContextRefs([file, resource])).toEqual([file, resource]);
});

test.each([
  [null],
  ["a.ts"],
  [{ ...file, kind: "secret" }],
  [{ ...file, label: "" }],
  [{ ...file, uri: 4 }],
  [{ ...file, from: -1 }],
  [{ ...file, to: 1.5 }],
  [{ ...file, label: "x".repeat(5000) }],
])("%j is refused", (given) => expect(() => toContextRefs([given])).toThrow("nothing that a message can carry"));

test("more than a message carries is refused", () => {
  expect(() => toContextRefs(Array.from({ length: 21 }, () => file))).toThrow("at most 20");
});
