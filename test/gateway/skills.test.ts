import { expect, test } from "vitest";
import { openSkillFiles } from "../../src/tools/skills/openSkillFiles.ts";
import { skill } from "../../src/tools/skills/skillTool.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { tempFolder } from "../tools/toolContext.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";

test("skills are listed and shown over REST, confirmed by an admin, and used behind /v1", async () => {
  const workspace = tempFolder({
    ".agents/skills/pdf/SKILL.md":
      "---\nname: pdf\ndescription: Fills forms\nallowed-tools: Bash(git:*) Read\n---\nLook first.",
  });
  const elsewhere = tempFolder({});
  const hashes = new Set<string>();
  const confirmed = { hashes: () => hashes, add: async (hash: string) => void hashes.add(hash) };
  const files = openSkillFiles({ stateDir: elsewhere, home: elsewhere, confirmed });
  const tokens = [
    { name: "default", value: TOKEN, scope: "admin" as const },
    { name: "ci", value: `${TOKEN}-ci`, scope: "write" as const },
  ];
  const { get, post, model } = await openGatewayBench({
    skillFiles: { ...files, list: () => files.list(workspace) },
    tools: [skill],
    turns: [[call("skill", { name: "pdf" })], ["done"]],
    gateway: { tokens },
  });
  const { body } = await get("/api/skills/list");
  expect(body).toMatchObject({
    count: 1,
    skills: [
      {
        name: "pdf",
        confirmed: false,
        allowedTools: ["Bash(git:*)", "Read"],
        notes: [expect.stringContaining("grants")],
      },
    ],
  });
  expect((await get("/api/skills/get?name=pdf")).body).toMatchObject({ text: "Look first." });
  expect((await get("/api/skills/get?name=../x")).status).toBe(400);
  expect((await get("/api/skills/get?name=none")).status).toBe(404);
  expect((await get("/api/skills/list?workspace=/nowhere")).status).toBe(400);
  const word = { name: "pdf", hash: body.skills[0].hash };
  expect((await post("/api/skills/confirm", word, { Authorization: `Bearer ${TOKEN}-ci` })).status).toBe(403);
  expect((await post("/api/skills/confirm", { ...word, hash: "x" })).status).toBe(409);
  expect((await post("/api/skills/confirm", word)).body).toEqual({ name: "pdf", confirmed: true });
  const messages = [{ role: "user", content: "fill it" }];
  expect((await post("/v1/chat/completions", { model: "pincer", messages })).status).toBe(200);
  expect(model.requests[1]!.messages.at(-1)).toMatchObject({ role: "system", kind: "skill", place: "pdf" });
});
