import { expect, test } from "vitest";
import { searchSessions } from "../../../src/vscode/sessions/searchSessions.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";
import { session } from "./sessionRow.ts";

test("a search without words lists sessions in groups, as the chat does: pinned, today, earlier, other folders", async () => {
  openScreen();
  const now = new Date().toISOString();
  const gateway = createEdgeGateway({
    "sessions.list": {
      sessions: [
        session("away", { workspace: "/other", updatedAt: now }),
        session("new", { updatedAt: now }),
        session("main", { kind: "main", title: "Main" }),
        session("old"),
        session("kept", { pinned: true, workspace: "/other" }),
      ],
    },
  });
  const { window } = createEdgeWindow(gateway);
  const searching = searchSessions(window);
  const labels = () => screen.boxes[0]?.items.map(({ label, kind }) => (kind === -1 ? `-- ${label}` : label)) ?? [];
  await expect
    .poll(labels)
    .toEqual(["-- Pinned", "kept", "-- Today", "new", "Main", "-- Earlier", "old", "-- In other folders", "away"]);
  // As in the tree.
  const items = screen.boxes[0]!.items as { label: string; iconPath?: { id: string } }[];
  const iconOf = (label: string) => items.find((item) => item.label === label)?.iconPath?.id;
  expect(["Main", "new"].map(iconOf)).toEqual(["home", "comment"]);
  screen.boxes[0]!.hide();
  await searching;
});

test("a session that was found by a message opens there, one that was found by its title as it is, with the keyboard in the chat", async () => {
  openScreen();
  const highlights = [...[10, 41].map((start) => ({ start, end: start + 6 })), { start: 0, end: 5 }];
  const match = { seq: 7, snippet: "Plant the Quince by the wall, where each quince", highlights };
  const gateway = createEdgeGateway({
    "sessions.list": { sessions: [] },
    "sessions.search": {
      results: [
        { session: session("said"), matchCount: 2, matches: [match, { ...match, seq: 3 }] },
        { session: session("named"), matchCount: 0, matches: [] },
      ],
    },
  });
  const opened: unknown[] = [];
  const chat = {
    show: async (key: string) => void opened.push(key),
    showFound: async (...found: unknown[]) => void opened.push(found),
  };
  const { window } = createEdgeWindow(gateway, { chat });
  for (const at of [0, 1]) {
    const searching = searchSessions(window);
    await expect.poll(() => screen.boxes.length).toBe(at + 1);
    const box = screen.boxes[at]!;
    box.type("quince");
    await expect.poll(() => box.items.length).toBe(2);
    box.activeItems = [box.items[at]];
    box.accept();
    await searching;
  }
  expect(opened).toEqual([["said", { seq: 7, words: ["Quince", "quince", "Plant"] }], "named"]);
});

test("Enter right after the words opens what is found for them, not what was listed before", async () => {
  openScreen();
  const found = (key: string) => ({ session: session(key), matchCount: 1, matches: [] });
  const gateway = createEdgeGateway({
    "sessions.list": { sessions: [session("newest")] },
    "sessions.search": ({ query }: { query: string }) => ({ results: query === "none" ? [] : [found(`has-${query}`)] }),
  });
  const opened: string[] = [];
  const chat = { show: async (key: string) => void opened.push(key) };
  const { window } = createEdgeWindow(gateway, { chat });
  const begin = async () => {
    const searching = searchSessions(window);
    await expect.poll(() => screen.boxes.at(-1)?.items.at(-1)?.label).toBe("newest");
    const box = screen.boxes.at(-1)!;
    box.activeItems = box.items.slice(-1);
    return { searching, box };
  };
  const first = await begin();
  first.box.type("words");
  first.box.accept();
  await first.searching;
  expect(opened).toEqual(["has-words"]);

  const second = await begin();
  second.box.type("none");
  second.box.accept();
  await expect.poll(() => second.box.items[0]?.label).toBe("Nothing was found");
  second.box.activeItems = second.box.items;
  second.box.accept();
  second.box.type("");
  await expect.poll(() => second.box.items.at(-1)?.label).toBe("newest");
  second.box.activeItems = second.box.items.slice(-1);
  second.box.accept();
  await second.searching;
  expect(opened).toEqual(["has-words", "newest"]);

  // What was moved to, or clicked, is meant, whatever is being looked for.
  const third = await begin();
  third.box.items = [...third.box.items, { key: "chosen", label: "Chosen" } as (typeof third.box.items)[number]];
  third.box.activeItems = third.box.items.slice(-1);
  third.box.type("words");
  third.box.accept();
  await third.searching;
  expect(opened.at(-1)).toBe("chosen");
});
