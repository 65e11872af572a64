import { expect, test } from "vitest";
import { toFound } from "../../webview-ui/panel/sessionGroups.ts";
import type { ListedSession } from "../../webview-ui/state/sessionList.ts";
import { session } from "../vscodeEdge/sessions/sessionRow.ts";

test("a session that has the words in its title and in a message stands among the titles, and opens at the message", () => {
  const listed = (key: string, title: string): ListedSession =>
    ({ ...session(key, { title }), depth: 0 }) as ListedSession;
  const found = { seq: 7, words: ["quince"] };
  const both = listed("both", "Quinces");
  const named = listed("named", "Quince jam");
  const said = listed("said", "Garden");
  const groups = toFound([both, named, said], "quince", [
    { session: both, snippet: "a quince", found },
    { session: said, snippet: "a quince", found },
  ]);
  expect(groups.map(({ entries }) => entries.map((entry) => [entry.key, entry.found]))).toEqual([
    [
      ["both", found],
      ["named", undefined],
    ],
    [["said", found]],
  ]);
});
