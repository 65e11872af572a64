import { expect, test } from "vitest";
import { readTree } from "./tree.ts";

// What a quiet machine always does in time, a busy one does not: such a test fails by chance, and says nothing when it does.

/** Each kind of luck, with the files that may have it and why. */
const LUCK: { kind: string; pattern: RegExp; where: Record<string, string> }[] = [
  {
    kind: "a bound on the time on the wall; threadMs.ts and longestStretch.ts tell of our own work",
    pattern: /(?:performance|Date)\.now\(\) - [^;\n]*\)\.toBeLessThan/,
    where: {},
  },
  {
    kind: "a sleep where an event could be awaited",
    pattern: /setTimeout\((?:resolve|wake|done), \d{3,}\)|waitForTimeout/,
    where: {
      "test/browser/safety.test.ts": "how long a page gathers, in its own words",
      "test/vscode/film.ts": "a film has its pace",
      "test/webview/screenshots.ts": "nobody but a person looks at them",
      "test/windows/others.test.ts": "how long nothing grows",
      "test/windows/windowsGateway.ts": "between two looks",
    },
  },
  {
    kind: "examples that are drawn anew in every run; test/property.ts draws them by one seed",
    pattern: /from "fast-check"/,
    where: { "test/property.ts": "there it is done" },
  },
  {
    kind: "a poll with a limit of its own that is shorter than that of its project",
    pattern: /poll\([^;]*?timeout: (?:\d{1,4}|\d_\d{3}|1\d_\d{3}) \}/,
    where: {},
  },
  {
    kind: "a test that ends early and is told as passed; skipIf and context.skip say what nobody looked at",
    pattern: /^(?:posixT|t)est\b.*\n(?:(?:  .*)?\n)*?  if \(.*\) return;$/m,
    where: {},
  },
];

const tests = [...readTree(["test"], [".ts", ".tsx"])].filter(([file]) => !/^test\/(bench|fakes|house)\//.test(file));

test.each(LUCK)("$kind is where it is listed, and nowhere else", ({ pattern, where }) => {
  const found = tests.filter(([, source]) => pattern.test(source)).map(([file]) => file);
  expect(found.toSorted()).toEqual(Object.keys(where).toSorted());
});
