import { expect, test } from "vitest";
import { findJobLine } from "../../src/app/settings/jobLine.ts";

const text = `model: a/b
hooks: { runFinished: [{ name: Late, command: x }] }
cron:
  - name: Morning report # each day
    schedule: { kind: every, everyMs: 1000 }
  - schedule: { kind: every, everyMs: 1000 }
    name: "It's \\"late\\""
  - { name: Flow, schedule: { kind: every, everyMs: 1000 } }
  - name: 'Bob''s'
  - name: Lint, then test
  - "name": Quoted
  - name: >-
      Long
      name
`;

test.each([
  ["Morning report", 3],
  ['It\'s "late"', 6],
  ["Flow", 7],
  ["Bob's", 8],
  ["Lint, then test", 9],
  ["Quoted", 10],
  ["Long name", 11],
  ["Late", undefined],
  ["Morning", undefined],
])("finds %s", (name, line) => {
  expect(findJobLine(text, name)).toBe(line);
});
