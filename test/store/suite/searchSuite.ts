import { describe, expect, test } from "vitest";
import type { TextQuery } from "../../../src/core/ports/store.ts";
import * as make from "../samples.ts";
import type { Subject } from "./subject.ts";

export function searchSuite(subject: Subject): void {
  const search = async (text: string, more: Partial<TextQuery> = {}) =>
    (await subject.store.searchMessages({ text, limit: 20, ...more })).found;
  /** "key 1 3: [words] found", marks around what is meant; the newest first. */
  const shown = async (text: string, more: Partial<TextQuery> = {}) =>
    (await search(text, more)).map(({ session, matchCount, matches }) => {
      const lines = matches.map(({ seq, snippet, highlights }) => {
        const marked = highlights
          .toReversed()
          .reduce(
            (line, { start, end }) => `${line.slice(0, start)}[${line.slice(start, end)}]${line.slice(end)}`,
            snippet,
          );
        return `${seq} ${marked}`;
      });
      return [`${session.key} ${matchCount}`, ...lines];
    });
  let id = 0;
  const say = async (key: string, seq: number, message: Parameters<typeof make.messageOf>[3]) => {
    await subject.store.commit(make.batchOf({ events: [make.messageOf(key, ++id, seq, message)] }));
  };
  const makeSessions = async (...keys: string[]) => {
    id = 0;
    await subject.store.commit(
      make.batchOf({
        sessions: keys.map((key, n) => make.sessionOf(key, { title: `Title ${n}`, updatedAt: make.timeAt(n) })),
      }),
    );
  };

  describe("searching messages", () => {
    test("tells where every word of a query stands, newest sessions and messages first", async () => {
      await makeSessions("old", "new");
      await say("old", 1, make.userText("The gateway starts before the panel"));
      await say("new", 1, make.userText("A panel without it"));
      await say("new", 2, make.assistantText("The Gateway and its PANEL, the gateway's"));
      await say("new", 3, make.toolText("gateway panel"));
      expect(await shown("gateway panel")).toEqual([
        ["new 1", "2 The [Gateway] and its [PANEL], the [gateway]'s"],
        ["old 1", "1 The [gateway] starts before the [panel]"],
      ]);
      expect(await shown('"the panel"')).toEqual([["old 1", "1 The gateway starts before [the panel]"]]);
      expect(await shown("panel", { sessionKey: "new" })).toEqual([
        ["new 2", "2 The Gateway and its [PANEL], the gateway's", "1 A [panel] without it"],
      ]);
      expect(await shown("title 1")).toEqual([["new 0"]]);
      expect(await shown("nowhere")).toEqual([]);
      expect((await search("gateway"))[0]!.matches[0]).toMatchObject({
        role: "assistant",
        createdAt: expect.any(String),
      });
    });

    test("accents, ß, case and composition make no difference, and the marks stand where the letters are", async () => {
      await makeSessions("main");
      await say("main", 1, make.userText("Größe der Straße, wo\u0308rtlich: ÆTHER und Über"));
      for (const [text, marked] of [
        ["grosse", "[Größe] der Straße, wo\u0308rtlich: ÆTHER und Über"],
        ["STRASSE", "Größe der [Straße], wo\u0308rtlich: ÆTHER und Über"],
        ["wör", "Größe der Straße, [wo\u0308r]tlich: ÆTHER und Über"],
        ["aeth", "Größe der Straße, wo\u0308rtlich: [ÆTH]ER und Über"],
        ["ub", "Größe der Straße, wo\u0308rtlich: ÆTHER und [Üb]er"],
      ])
        expect(await shown(text!), text).toEqual([["main 1", `1 ${marked}`]]);
    });

    test("scripts without blanks are found by one character and more", async () => {
      await makeSessions("main");
      await say("main", 1, make.userText("今天天气很好,我们去東京。"));
      await say("main", 2, make.userText("東京タワー 한국어 검색"));
      expect(await shown("東京")).toEqual([["main 2", "2 [東京]タワー 한국어 검색", "1 今天天气很好,我们去[東京]。"]]);
      expect(await shown("好")).toEqual([["main 1", "1 今天天气很[好],我们去東京。"]]);
      expect(await shown("東京 タワ")).toEqual([["main 1", "2 [東京タワ]ー 한국어 검색"]]);
      expect(await shown("東京 天气很")).toEqual([["main 1", "1 今天[天气很]好,我们去[東京]。"]]);
      expect(await shown("한국 검")).toEqual([["main 1", "2 東京タワー [한국]어 [검]색"]]);
      expect(await shown("東京 東京", { sessionKey: "main", before: 2 })).toEqual([
        ["main 2", "1 今天天气很好,我们去[東京]。"],
      ]);
    });

    test("short words that older messages are full of hide no newer one", async () => {
      await makeSessions("old", "new");
      const text = "is ".repeat(300);
      const events = Array.from({ length: 400 }, (_, n) => make.messageOf("old", ++id, n + 1, make.userText(text)));
      await subject.store.commit(make.batchOf({ events }));
      await say("new", 1, make.userText("Where is the migration?"));
      expect(await shown("migration is")).toEqual([["new 1", "1 Where [is] the [migration]?"]]);
      expect(await shown("where i a migration")).toEqual([["new 1", "1 [Where] [i]s the [migration]?"]]);
      expect((await search("is")).map(({ session, matchCount }) => [session.key, matchCount])).toEqual([
        ["new", 1],
        ["old", 400],
      ]);
    });

    test("a character that begins more than can be asked for is found all the same", async () => {
      await makeSessions("main", "other");
      const text = Array.from({ length: 1200 }, (_, n) => `好${String.fromCodePoint(0x4e00 + n)}`).join(" ");
      await say("main", 1, make.userText(text));
      await say("other", 1, make.userText("東京 is 好"));
      for (const words of ["好", "東京 好"])
        expect((await search(words))[0], words).toMatchObject({ session: { key: "other" } });
      expect(await search("好")).toHaveLength(2);
    });

    test("nothing in a query is an operator, and none is an error", async () => {
      await makeSessions("main");
      await say("main", 1, make.userText('He said "yes OR no" NEAR(a b) col:x *star* a-b ^top {c} \\ 100% it\'s'));
      for (const text of [
        '"',
        '""',
        '"yes',
        'yes"',
        "OR",
        "NEAR(a",
        "col:x",
        "*star*",
        "a-b",
        "^top",
        "{c}",
        "\\",
        "100%",
        "it's",
        '"yes or no"',
      ])
        expect((await search(text)).length, text).toBeLessThanOrEqual(1);
      for (const text of [
        '"yes',
        "NEAR(a",
        "col:x",
        "*star*",
        "a-b",
        "^top",
        "{c}",
        "\\",
        "100%",
        "it's",
        "A",
        '"yes or no"',
      ])
        expect(await search(text), text).toHaveLength(1);
      for (const text of [
        "",
        "   ",
        "\0",
        "\ud800",
        "x".repeat(5000),
        '"'.repeat(999),
        "a ".repeat(999),
        "\u{1f600}".repeat(99),
      ])
        await search(text);
      expect(await search("AND NOT")).toEqual([]);
    });

    test("long messages are cut around what was found, never through a letter", async () => {
      await makeSessions("main");
      await say(
        "main",
        1,
        make.userText(`${"ÄÖ\u{1f600} ".repeat(3000)}the needle\n\n\tin a ${"hay\u{1f600} ".repeat(3000)}`),
      );
      const [found] = await search("needle");
      const { snippet, highlights } = found!.matches[0]!;
      expect(snippet).toMatch(/^….*the needle in a hay.*…$/u);
      expect(snippet.isWellFormed()).toBe(true);
      expect(Array.from(snippet).length).toBeLessThan(260);
      expect(highlights.map(({ start, end }) => snippet.slice(start, end))).toEqual(["needle"]);
    });

    test("what is erased, or was a note for the model alone, never comes back", async () => {
      await makeSessions("reset", "deleted", "kept");
      for (const key of ["reset", "deleted", "kept"]) await say(key, 1, make.userText("findable words"));
      await say("kept", 2, { role: "system", kind: "summary", text: "findable summary", keepFromSeq: 1 });
      expect(await search("findable")).toHaveLength(3);
      await subject.store.clearSession("reset");
      await subject.store.deleteSession("deleted");
      expect(await shown("findable")).toEqual([["kept 1", "1 [findable] words"]]);
      await say("reset", 2, make.userText("said later"));
      expect(await shown("findable")).toEqual([["kept 1", "1 [findable] words"]]);
      expect(await shown("said later")).toEqual([["reset 1", "2 [said] [later]"]]);
    });

    test("gives pages in order, each session once", async () => {
      const keys = Array.from({ length: 25 }, (_, n) => `s-${n}`);
      await makeSessions(...keys);
      for (const [n, key] of keys.entries()) await say(key, 1, make.userText(`common ${n}`));
      const seen: string[] = [];
      for (let cursor: string | undefined; ;) {
        const page = await subject.store.searchMessages({ text: "common", limit: 10, ...(cursor ? { cursor } : {}) });
        seen.push(...page.found.map(({ session }) => session.key));
        if (page.nextCursor === undefined) break;
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(keys.toReversed());
      await expect(subject.store.searchMessages({ text: "common", limit: 1, cursor: "x" })).rejects.toMatchObject({
        code: "bad_request",
      });
    });
  });
}
