import { expect, test } from "vitest";
import { createApprovalWords } from "../../../src/base/text/approvalSentences.ts";
import { createTexts } from "../../../src/base/text/texts.ts";
import { coverWords } from "../../../src/rules/coverWords.ts";
import { offersFor } from "../../../src/core/permission/offers.ts";
import type { Deed, Rule } from "../../../src/protocol/rule.ts";
import { commandAsk } from "../../../src/tools/shell/commandAsk.ts";
import { german } from "../../webview/languages.ts";

const words = createApprovalWords(createTexts(german));

/** A deed that is new fails here until it has its words. */
const RULES: Record<Deed, [rule: Omit<Rule, "allow">, said: string][]> = {
  exec: [
    [{ command: "npm test" }, "genau `npm test` ausführen"],
    [{ command: "npm test", host: "a.example" }, "genau `npm test` ausführen, mit Verbindung zu a.example"],
    [{ command: "npm test", host: "*" }, "genau `npm test` ausführen, mit dem ganzen Netz"],
    [{ command: "ls *" }, "`ls …` ausführen, mit beliebigen Wörtern dahinter"],
    [
      { command: "git log *" },
      "`git log …` ausführen, mit beliebigen Wörtern dahinter, aber keinem, mit dem es Dateien schreibt oder Programme startet",
    ],
  ],
  edit: [
    [{ path: "src/**" }, "Dateien unter src/ ändern, nichts löschen"],
    [{ path: "*" }, "Dateien direkt im Ordner ändern, keine darunter, nichts löschen"],
    [{ path: "**" }, "jede Datei des Ordners ändern, die nicht geschützt ist, nichts löschen"],
    [{ path: "a.ts" }, "a.ts ändern, nichts löschen"],
  ],
  delete: [[{ path: "a.ts" }, "a.ts löschen"]],
  read: [[{ path: "a.ts" }, "a.ts lesen"]],
  web_fetch: [[{ host: "a.example" }, "Seiten von a.example abrufen"]],
  browser: [[{ host: "a.example" }, "a.example im Browser benutzen"]],
  network: [
    [{ host: "*" }, "Befehle das Netz benutzen lassen"],
    [{ host: "a.example" }, "Befehle a.example erreichen lassen"],
  ],
  mcp: [
    [{ server: "files" }, "jedes Tool von files aufrufen"],
    [
      { server: "files", tool: "list", hash: "h", readOnly: true },
      "list von files aufrufen, solange die Beschreibung bleibt, wie sie ist, das nur nachsieht",
    ],
  ],
  message: [
    [{ channel: "telegram", to: "42" }, "Nachrichten an 42 über telegram senden"],
    [
      { channel: "telegram", to: "*" },
      "Nachrichten über telegram an jeden Chat von Personen senden, die sprechen dürfen",
    ],
  ],
};

test.each(
  Object.entries(RULES).flatMap(([allow, rules]) =>
    rules.map(([rule, said]) => [{ allow: allow as Deed, ...rule }, said] as const),
  ),
)("what %o covers is said in the reader's language", (rule, said) => {
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
  expect(words.reason("sends a message over telegram; .env may hold secrets")).toBe(
    "sendet eine Nachricht über telegram; .env kann Geheimnisse enthalten",
  );
  expect(words.reason("deletes {0}")).toBe("löscht {0}");
  expect(createApprovalWords(createTexts({ language: "fr", texts: {} })).reason(ask.reason)).toBe(ask.reason);
});
