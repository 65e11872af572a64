import { expect, test } from "vitest";
import type { RouteClient } from "../../../src/client/routeClient.ts";
import { findSessions } from "../../../src/vscode/context/otherSessions.ts";

/** A gateway with so many sessions, newest first, of which one alone has a title of its own. */
function clientOf(count: number, odd: { at: number; title: string }) {
  const all = Array.from({ length: count }, (_, at) => ({
    key: `s${at}`,
    title: at === odd.at ? odd.title : `Talk ${at}`,
    messageCount: 2,
    updatedAt: "2026-11-27T08:00:00.000Z",
  }));
  const asked: unknown[] = [];
  const call = async (_name: string, input: { limit: number; cursor?: string; search?: string }) => {
    asked.push(input);
    const { limit, cursor = "0", search = "" } = input;
    const from = Number(cursor);
    const fitting = all.slice(from).filter(({ title }) => title.toLowerCase().includes(search.toLowerCase()));
    const sessions = fitting.slice(0, limit);
    return { sessions, ...(fitting.length > limit ? { nextCursor: String(all.indexOf(sessions.at(-1)!) + 1) } : {}) };
  };
  return { client: { call } as unknown as RouteClient, asked };
}

test("a session is found by its title, however many newer ones there are", async () => {
  const { client, asked } = clientOf(1000, { at: 700, title: "Harbour" });
  expect((await findSessions(client, "harb", "s0")).map(({ label }) => label)).toEqual(["Harbour"]);
  expect(asked).toEqual([{ limit: 200 }, { limit: 500, cursor: "200", search: "harb" }]);
  expect((await findSessions(client, "", "s0")).map(({ label }) => label)).toEqual(
    [1, 2, 3, 4, 5].map((nth) => `Talk ${nth}`),
  );
  expect(asked).toHaveLength(3);
});

test("a word that is in many sessions and in no title is not looked for to the end", async () => {
  const { client, asked } = clientOf(10_000, { at: 9000, title: "Harbour" });
  // The word is in the messages of all.
  const all = { call: (name: string, input: object) => client.call(name as never, { ...input, search: "" } as never) };
  expect(await findSessions(all as unknown as RouteClient, "lighthouse", "s0")).toEqual([]);
  expect(asked).toHaveLength(4);
});
