import { expect, test } from "vitest";
import { openBench } from "../bench.ts";

const origin = { via: "panel" as const };

test("a session made without a title is called after the first thing said in it", async () => {
  const { core } = await openBench({ turns: [["One"], ["Two"], ["Three"]] });
  const { key } = await core.sessions.create({});
  const say = async (text: string, sessionKey = key) =>
    (await core.sessions.send({ text, origin, sessionKey })).outcome;
  await say("Explain the build\nin two lines");
  expect((await core.sessions.get(key)).title).toBe("Explain the build");
  await say("And the tests?");
  expect((await core.sessions.get(key)).title).toBe("Explain the build");
  await say("Hello", "main");
  expect((await core.sessions.get("main")).title).toBe("Main");
});

test("emptied, a session keeps no title that was its text; one that a person or a label gave stays", async () => {
  const { core } = await openBench({ turns: ["a", "b", "c", "d", "e"].map((text) => [text]) });
  const begin = async (request: { label?: string }) => {
    const run = await core.sessions.send({ text: "The secret plan\nin full", origin, ...request });
    await run.outcome;
    return run.sessionKey;
  };
  const [own, labelled, named] = [await begin({}), await begin({ label: "Plans" }), await begin({})];
  const fork = (await core.sessions.fork(own, {})).key;
  await core.sessions.update(named, { title: "The secret plan, renamed" });
  expect((await core.sessions.get(fork)).title).toBe("The secret plan (fork)");
  for (const key of [own, fork, labelled, named]) await core.sessions.reset(key);
  const titles = await Promise.all(
    [own, fork, labelled, named].map(async (key) => (await core.sessions.get(key)).title),
  );
  expect(titles).toEqual([undefined, undefined, "Plans", "The secret plan, renamed"]);
  await (
    await core.sessions.send({ text: "Something new", origin, sessionKey: own })
  ).outcome;
  expect((await core.sessions.get(own)).title).toBe("Something new");
});

test("a session whose name is taken back is called again as it was by itself; a name stays as long as it was given", async () => {
  const { core } = await openBench({ turns: ["a", "b", "c", "d", "e"].map((text) => [text]) });
  const say = async (request: { label?: string; sessionKey?: string }) => {
    const run = await core.sessions.send({ text: "The secret plan\nin full", origin, ...request });
    await run.outcome;
    return run.sessionKey;
  };
  const rename = async (key: string, title: string | null) => (await core.sessions.update(key, { title })).title;
  const [own, labelled, empty] = [await say({}), await say({ label: "Plans" }), (await core.sessions.create({})).key];
  const long = "Harbour ".repeat(24).trim();
  for (const key of [own, labelled, empty, "main"]) {
    expect(await rename(key, "First")).toBe("First");
    expect(await rename(key, long)).toBe(long);
  }
  await say({ sessionKey: empty });
  const [kept] = [await core.sessions.get(own)];
  expect(kept.named).toBe(true);
  const titles: unknown[] = [];
  for (const key of [own, labelled, empty, "main"]) titles.push(await rename(key, null), await rename(key, null));
  expect(titles).toEqual(["The secret plan", "Plans", "The secret plan", "Main"].flatMap((title) => [title, title]));

  await rename(own, "Mine");
  await core.sessions.reset(own);
  expect(await rename(own, null)).toBeUndefined();
  const words = "What nobody is to read any more ".repeat(5).trim();
  const run = await core.sessions.send({ text: words, label: words, origin });
  await run.outcome;
  expect((await core.sessions.get(run.sessionKey)).title).toBe(words);
  expect((await core.sessions.reset(run.sessionKey)).title).toBeUndefined();
});

test("a label stays though what was first said is a file, or next to nothing", async () => {
  const { core } = await openBench({ turns: ["a", "b", "c"].map((text) => [text]) });
  const attachments = [{ name: "a.txt", mediaType: "text/plain", data: btoa("Read me") }];
  for (const request of [{ text: "", attachments }, { text: "…" }, { text: "Pl…" }]) {
    const run = await core.sessions.send({ ...request, label: "Plans", origin });
    await run.outcome;
    expect((await core.sessions.reset(run.sessionKey)).title).toBe("Plans");
  }
});
