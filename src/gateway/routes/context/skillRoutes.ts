import * as z from "zod";
import { skillName, skillShape } from "../../../protocol/context/skill.ts";
import { defineRoute } from "../../calls/route.ts";
import { folderOf, workspaceField } from "./workspaceField.ts";

const workspace = workspaceField("skills");

export const skillsList = defineRoute({
  name: "skills.list",
  verb: "GET",
  scope: "read",
  summary: "Folders with a SKILL.md, by name: the user's own, and a workspace's. Those that cannot be used say why.",
  input: z.strictObject({ workspace }),
  output: z.strictObject({ count: z.int(), skills: z.array(skillShape) }),
  async handle(core, input) {
    const skills = await core.skills.list(folderOf(core, input.workspace));
    return { count: skills.length, skills };
  },
});

export const skillsGet = defineRoute({
  name: "skills.get",
  verb: "GET",
  scope: "read",
  summary: "A skill with what its SKILL.md says, and the names of its other files.",
  input: z.strictObject({ name: skillName, workspace }),
  output: skillShape.extend({ text: z.string() }),
  async handle(core, { name, ...input }) {
    const skill = await core.skills.get(name, folderOf(core, input.workspace));
    return { ...skill, text: await core.skills.text(skill) };
  },
});

export const skillsConfirm = defineRoute({
  name: "skills.confirm",
  verb: "POST",
  scope: "admin",
  summary: "A person's word that a workspace's skill may be used as its files are now. 409 when they have changed.",
  input: z.strictObject({ name: skillName, hash: skillShape.shape.hash, workspace }),
  output: z.strictObject({ name: z.string(), confirmed: z.literal(true) }),
  async handle(core, { name, hash, ...input }) {
    await core.skills.confirm({ name, hash }, folderOf(core, input.workspace));
    return { name, confirmed: true as const };
  },
});
