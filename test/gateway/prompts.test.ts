import { expect, test } from "vitest";
import { openPromptFiles } from "../../src/tools/skills/openPromptFiles.ts";
import { openSkillFiles } from "../../src/tools/skills/openSkillFiles.ts";
import { skill } from "../../src/tools/skills/skillTool.ts";
import { tempFolder } from "../tools/toolContext.ts";
import { openGatewayBench } from "./bench.ts";

async function open() {
  const workspace = tempFolder({
    ".github/prompts/review.prompt.md": "---\ndescription: Looks\n---\nLook at ${input:path} with care.",
    ".agents/skills/pdf/SKILL.md": "---\nname: pdf\ndescription: Fills forms\n---\nFields first.",
  });
  const stateDir = tempFolder({
    "skills/own/SKILL.md": "---\ndescription: Mine\ndisable-model-invocation: true\nargument-hint: what\n---\nDo so.",
    "skills/quiet/SKILL.md": "---\ndescription: Not for people\nuser-invocable: false\n---\nDo so.",
  });
  const confirmed = { hashes: () => new Set<string>(), add: async () => {} };
  const skillFiles = openSkillFiles({ stateDir, home: stateDir, confirmed });
  const promptFiles = openPromptFiles({ stateDir });
  return await openGatewayBench({
    skillFiles: { ...skillFiles, list: () => skillFiles.list(workspace) },
    promptFiles: { list: () => promptFiles.list(workspace) },
    tools: [skill],
  });
}

test("a prompt is sent by its name: the history shows what was typed, the model reads what it says, also from then on", async () => {
  const { get, post, model, core } = await open();
  expect((await get("/api/prompts/list")).body.prompts).toMatchObject([
    { name: "own", kind: "skill", argumentHint: "what", confirmed: true },
    { name: "pdf", kind: "skill", confirmed: false },
    { name: "review", kind: "prompt", inputs: [{ name: "path" }], description: "Looks" },
  ]);
  const expanded = await post("/api/prompts/expand", { prompt: "review", arguments: "src" });
  const text = "Look at src with care.";
  expect(expanded.body).toEqual({ name: "review", kind: "prompt", text, typed: "/review src" });
  expect(model.requests).toEqual([]);
  const sent = await post("/api/sessions/send", { prompt: "review", arguments: { path: "src" } });
  expect(sent.status).toBe(200);
  expect(model.requests[0]!.messages).toMatchObject([{ role: "user", text }]);
  await post("/api/sessions/send", { message: "and now?" });
  expect(model.requests[1]!.messages[0]).toMatchObject({ text });
  const { messages } = (await get("/api/sessions/history")).body;
  expect(messages[0]).toMatchObject({ text: "/review path=src", prompt: { name: "review", text, kind: "prompt" } });
  const { body } = await post("/api/sessions/spawn", { task: "x" });
  expect(body.status).toBe("ok");
  expect((await core.sessions.search({ text: "review", limit: 5 })).found).toHaveLength(1);
});

test("a skill that is named is told before the first step, and only once it is confirmed", async () => {
  const { post, model, get } = await open();
  expect(await post("/api/sessions/send", { prompt: "pdf" })).toMatchObject({ status: 403 });
  expect(await post("/api/sessions/send", { prompt: "quiet" })).toMatchObject({ status: 404 });
  expect((await post("/api/sessions/send", { prompt: "own", arguments: "the form" })).status).toBe(200);
  const [request] = model.requests;
  expect(request!.messages).toMatchObject([
    { role: "user", text: "Use the skill own for this.\n\nthe form" },
    { role: "system", kind: "skill", place: "own" },
  ]);
  // Only people may name it, but what it says may have files.
  expect(request!.system).not.toContain("- own");
  expect(request!.tools.map(({ name }) => name)).toEqual(["skill"]);
  expect((await get("/api/session/status")).body.skills).toEqual(["own"]);
});

test("what does not fit is refused in words, and nothing is stored", async () => {
  const { post, get } = await open();
  const send = async (body: object) => {
    const { status, body: answer } = await post("/api/sessions/send", body);
    return `${status} ${answer.error?.message}`;
  };
  expect(await send({})).toBe("400 message: Expected some text, a prompt or attachments");
  expect(await send({ message: "x", prompt: "review" })).toBe("400 prompt: A send has either a message or a prompt");
  expect(await send({ message: "x", arguments: "y" })).toBe("400 arguments: Only a prompt has arguments");
  expect(await send({ prompt: "review" })).toBe("400 The prompt review needs path");
  expect(await send({ prompt: "none" })).toBe("404 There is no prompt named none. There are: own, pdf, review.");
  expect(await send({ prompt: "../x" })).toMatch(/^400 /);
  expect(await send({ prompt: "review", arguments: ["x"] })).toMatch(/^400 /);
  expect(await send({ prompt: "review", arguments: "x", sessionKey: "nobody" })).toMatch(/^404 /);
  expect((await get("/api/sessions/history")).body.messages).toEqual([]);
});
