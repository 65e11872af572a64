import { expect, test } from "vitest";
import { findJobLine } from "../../../src/vscode/jobs/jobLine.ts";

const text = `model: a/b
cron:
  - name: Morning report # each day
    schedule: { kind: every, everyMs: 1000 }
  - schedule: { kind: every, everyMs: 1000 }
    name: "It's \\"late\\""
  - { name: Flow, schedule: { kind: every, everyMs: 1000 } }
  - name: 'Bob''s'
`;

test.each([
  ["Morning report", 2],
  ['It\'s "late"', 5],
  ["Flow", 6],
  ["Bob's", 7],
  ["Morning", undefined],
])("finds %s", (name, line) => {
  expect(findJobLine(text, name)).toBe(line);
});
