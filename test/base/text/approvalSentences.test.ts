import { expect, test } from "vitest";
import { createApprovalWords } from "../../../src/base/text/approvalSentences.ts";
import { createTexts } from "../../../src/base/text/texts.ts";
import { coverWords } from "../../../src/rules/coverWords.ts";
import { offersFor } from "../../../src/core/permission/offers.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { commandAsk } from "../../../src/tools/shell/commandAsk.ts";
import { german } from "../../webview/languages.ts";

const words = createApprovalWords(createTexts(german));

test.each<[Rule, string]>([
  [{ allow: "exec", command: "npm test" }, "genau `npm test` ausführen"],
  [
    { allow: "exec", command: "npm test", host: "a.example" },
    "genau `npm test` ausführen, mit Verbindung zu a.example",
  ],
  [{ allow: "exec", command: "ls *" }, "`ls …` ausführen, mit beliebigen Wörtern dahinter"],
  [
    { allow: "exec", command: "git log *" },
    "`git log …` ausführen, mit beliebigen Wörtern dahinter, aber keinem, mit dem es Dateien schreibt oder Programme startet",
  ],
  [{ allow: "edit", path: "src/**" }, "Dateien unter src/ ändern, nichts löschen"],
  [{ allow: "edit", path: "*" }, "Dateien direkt im Ordner ändern, keine darunter, nichts löschen"],
  [{ allow: "edit", path: "**" }, "jede Datei des Ordners ändern, die nicht geschützt ist, nichts löschen"],
  [{ allow: "edit", path: "a.ts" }, "a.ts ändern, nichts löschen"],
  [{ allow: "exec", command: "npm test", host: "*" }, "genau `npm test` ausführen, mit dem ganzen Netz"],
  [{ allow: "delete", path: "a.ts" }, "a.ts löschen"],
  [{ allow: "web_fetch", host: "a.example" }, "Seiten von a.example abrufen"],
  [{ allow: "browser", host: "a.example" }, "a.example im Browser benutzen"],
  [{ allow: "network", host: "*" }, "Befehle das Netz benutzen lassen"],
  [{ allow: "network", host: "a.example" }, "Befehle a.example erreichen lassen"],
  [{ allow: "read", path: "a.ts" }, "a.ts lesen"],
  [
    { allow: "mcp", server: "files", tool: "list", hash: "h", readOnly: true },
    "list von files aufrufen, solange die Beschreibung bleibt, wie sie ist, das nur nachsieht",
  ],
])("what %o covers is said in the reader's language", (rule, said) => {
  expect(words.covers(coverWords(rule))).toBe(said);
});

test("how long each answer holds is said in it, of an ask, of a job and of a rehearsal", () => {
  const effects = [{ kind: "change" as const, place: "/w/src/a.ts" }];
  const asked = { summary: "", subject: { type: "other" as const, text: "" }, reason: "", safe: false };
  const own = { tool: "edit", workspace: "/w", isOneRun: false, isJob: true, canKeep: true, covers: () => true };
  const grants: Rule[] = [{ allow: "edit", path: "src/a.ts" }];
  const offers = [
    own,
    { ...own, isOneRun: true },
    { ...own, rehearsed: { grants, file: "jobs.yml" } },
    { ...own, rehearsed: { grants } },
  ].flatMap((context) => offersFor({ ...asked, protected: false, effects }, context));
  expect([...new Set(offers.map((offer) => words.covers(offer.words)))]).toEqual([
    "nur dieser Aufruf",
    "Dateien unter src/ ändern, nichts löschen, in dieser Sitzung",
    "Dateien unter src/ ändern, nichts löschen, in jedem Lauf dieses Jobs; er fragt dann nach nichts anderem",
    "Dateien unter src/ ändern, nichts löschen, immer und in jedem Ordner: als Regel in Ihrer openclaw.yml",
    "nichts; dem Modell wird es gesagt",
    "Dateien unter src/ ändern, nichts löschen, bis dieser Lauf endet",
    "dieses Mal",
    "src/a.ts ändern, nichts löschen, immer bei diesem Job: Was in jobs.yml zu schreiben ist, wird am Ende gezeigt",
    "src/a.ts ändern, nichts löschen, immer bei diesem Job",
  ]);
});

test("why it is asked is said in parts, what stands in it as it is, and what is no sentence of ours as it was", async () => {
  const ask = await commandAsk("npm test && git push > log.txt", "/w", { access: "write", background: true });
  expect(words.reason(ask.reason)).toBe(
    "führt npm, git aus, schreibt log.txt; im Hintergrund, bis er endet oder angehalten wird",
  );
  expect(words.reason("runs a job; The rule `x` covers all but this")).toBe(
    "führt einen Job aus; The rule `x` covers all but this",
  );
  expect(words.reason("deletes {0}")).toBe("löscht {0}");
  expect(createApprovalWords(createTexts({ language: "fr", texts: {} })).reason(ask.reason)).toBe(ask.reason);
});
