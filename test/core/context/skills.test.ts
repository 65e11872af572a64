import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ModelRequest } from "../../../src/core/ports/provider.ts";
import { skillWords } from "../../../src/core/context/skills.ts";
import type { Skill } from "../../../src/protocol/context/skill.ts";
import { openSkillFiles } from "../../../src/tools/skills/openSkillFiles.ts";
import { skill } from "../../../src/tools/skills/skillTool.ts";
import { call, type Turn } from "../../fakes/scriptedProvider.ts";
import { tempFolder } from "../../tools/toolContext.ts";
import { add, type BenchOptions, nextEvent, openBench } from "../bench.ts";

const origin = { via: "panel" } as const;
const PDF = "---\nname: pdf\ndescription: Fills forms\n---\nFirst look at the fields.\n";

async function open(given: Record<string, string>, turns: Turn[], options: BenchOptions = {}) {
  const folder = tempFolder(given);
  const put = (path: string, text: string) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const hashes = new Set<string>();
  const confirmed = { hashes: () => hashes, add: async (hash: string) => void hashes.add(hash) };
  const elsewhere = tempFolder({
    "skills/own/SKILL.md": "---\ndescription: My way\n---\nDo so.",
    "skills/own/a.md": "A",
  });
  const skillFiles = openSkillFiles({ stateDir: elsewhere, home: join(elsewhere, "home"), confirmed });
  const bench = await openBench({ folder, turns, tools: [add, skill], skillFiles, ...options });
  const send = async (text: string) => await bench.core.sessions.send({ text, origin, sessionKey: "main" });
  return { ...bench, put, send, hashes };
}

const toldIn = ({ messages }: ModelRequest) =>
  messages.flatMap((message) => (message.role === "system" && message.kind === "skill" ? [message.text] : []));

const load = (name: string, id = name): Turn => [call("skill", { name }, id)];

test("the prompt names skills, and of a workspace's that nobody confirmed the name only; the tool is there only where they are", async () => {
  const { model, send, settings, hashes, core } = await open({ ".agents/skills/pdf/SKILL.md": PDF }, []);
  await (
    await send("one")
  ).outcome;
  expect(model.requests[0]!.system).toContain("- own: My way\n- pdf (asks first)");
  expect(model.requests[0]!.system).not.toContain("Fills forms");
  hashes.add(`skill:${(await core.skills.get("pdf", core.workspaces.list()[0])).hash}`);
  await (
    await send("two")
  ).outcome;
  expect(model.requests[1]!.system).toContain("- pdf: Fills forms");
  settings.skills = false;
  await (
    await send("three")
  ).outcome;
  expect(model.requests[2]!.system).not.toContain("pdf");
  expect(model.requests.map(({ tools }) => tools.map(({ name }) => name))).toEqual([
    ["add", "skill"],
    ["add", "skill"],
    ["add"],
  ]);
});

test("one of the user's is loaded unasked, told once, and told again behind a summary", async () => {
  const long = "x".repeat(40_000);
  const turns: Turn[] = [load("own"), ["done"], load("own", "again"), ["done"], [long], [long], ["SUMMARY"]];
  const { model, send, core, restart } = await open({}, turns);
  await (
    await send("go")
  ).outcome;
  const told = expect.stringMatching(/^The skill own, whose files are in .*:\n\nDo so.\n\nIts files, .*: a\.md$/);
  expect(toldIn(model.requests[1]!)).toEqual([told]);
  expect(model.requests[1]!.messages.at(-2)).toMatchObject({ role: "tool", text: "The skill own is loaded." });
  await (
    await send("once more")
  ).outcome;
  expect(toldIn(model.requests.at(-1)!)).toEqual([told]);
  expect((await core.sessions.status("main")).skills).toEqual(["own"]);
  expect((await core.sessions.status("main")).instructions).toEqual([]);
  await (
    await send("more")
  ).outcome;
  await (
    await send("more")
  ).outcome;
  expect(await core.sessions.compact("main")).toMatchObject({ compacted: true });
  const later = await restart();
  await (
    await later.core.sessions.send({ text: "on", origin, sessionKey: "main" })
  ).outcome;
  expect(toldIn(later.model.requests.at(-1)!)).toEqual([told]);
});

test("a workspace's asks a person, who sees what it says; a denial tells nothing of it, a change asks again", async () => {
  const given = { ".agents/skills/pdf/SKILL.md": PDF, ".agents/skills/pdf/forms.md": "Forms." };
  const turns: Turn[] = [
    load("pdf", "1"),
    ["no"],
    load("pdf", "2"),
    ["done"],
    load("pdf", "3"),
    ["done"],
    load("pdf", "4"),
    ["done"],
  ];
  const { model, send, core, put } = await open(given, turns, { settings: { approvals: "auto" } });
  const answer = async (decision: "deny" | "allow") => {
    const asked = nextEvent(core, "approval.asked");
    const run = await send("go");
    const { approval } = await asked;
    await core.approvals.answer(approval.id, decision, "panel");
    await run.outcome;
    return approval;
  };
  const denied = await answer("deny");
  expect(denied.subject).toMatchObject({ text: expect.stringContaining("First look at the fields.") as string });
  expect(denied.subject).toMatchObject({ text: expect.stringContaining("forms.md") as string });
  expect(denied.offers.map(({ decision }) => decision)).toEqual(["allow", "deny"]);
  expect(JSON.stringify(model.requests.at(-1)!.messages)).not.toContain("fields");
  await answer("allow");
  expect(toldIn(model.requests.at(-1)!)[0]).toContain("First look at the fields.");
  // Confirmed: nobody is asked.
  await (
    await send("go")
  ).outcome;
  put(".agents/skills/pdf/forms.md", "Other forms.");
  await answer("deny");
  expect((await core.skills.list(core.workspaces.list()[0]))[1]).toMatchObject({ name: "pdf", confirmed: false });
});

test("where nobody can be asked a workspace's is not used; a name that is none is told with those there are", async () => {
  const { model, core } = await open({ ".agents/skills/pdf/SKILL.md": PDF }, [
    [
      call("skill", { name: "pdf" }, "1"),
      call("skill", { name: "nothing" }, "2"),
      call("skill", { name: "own", file: "a.md" }, "3"),
    ],
    ["done"],
  ]);
  await (
    await core.sessions.send({ text: "go", origin: { via: "cron" }, sessionKey: "main", attended: false })
  ).outcome;
  const results = model.requests[1]!.messages.flatMap((message) => (message.role === "tool" ? [message.text] : []));
  expect(results[0]).toContain("Nobody is there to be asked");
  expect(results.slice(1)).toEqual(["There is no skill named nothing. There are: own, pdf.", "A"]);
});

test("a call by hand gets the instructions in its result", async () => {
  const { core } = await open({}, []);
  const { text } = await core.tools.invoke({
    ...{ sessionKey: "main", name: "skill", input: { name: "own" }, origin },
    signal: new AbortController().signal,
  });
  expect(text).toContain("Do so.");
});

test("many skills take no more than their room in the prompt", () => {
  const of = (count: number, chars: number): Skill[] =>
    Array.from({ length: count }, (_, at) => ({
      ...{ name: `skill-${at}`, description: "d".repeat(chars), from: "user", path: "/s", hash: "", confirmed: true },
      ...{ forModel: true, forPeople: true, notes: [] },
    }));
  expect(skillWords([])).toBe("");
  expect(skillWords(of(3, 1000)).length).toBeGreaterThan(3000);
  for (const count of [20, 100, 1000]) expect(skillWords(of(count, 1000)).length).toBeLessThan(6300);
  expect(skillWords(of(100, 1000))).not.toContain("more, whose names");
  expect(skillWords(of(1000, 10))).toMatch(/and \d+ more, whose names there is no room for$/);
});
