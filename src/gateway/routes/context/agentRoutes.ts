import * as z from "zod";
import { agentName, agentShape } from "../../../protocol/context/agentPart.ts";
import { defineRoute } from "../../calls/route.ts";
import { folderOf, workspaceField } from "./workspaceField.ts";

const workspace = workspaceField("agents");

export const agentsList = defineRoute({
  name: "agents.list",
  verb: "GET",
  scope: "read",
  summary: "The agents that files describe, by name: those of the state folder, and a workspace's.",
  input: z.strictObject({ workspace }),
  output: z.strictObject({ count: z.int(), agents: z.array(agentShape) }),
  async handle(core, input) {
    const agents = await core.agents.list(folderOf(core, input.workspace));
    return { count: agents.length, agents };
  },
});

export const agentsConfirm = defineRoute({
  name: "agents.confirm",
  verb: "POST",
  scope: "admin",
  summary: "A person's word that a workspace's agent may be used as its file says now. 409 when that has changed.",
  input: z.strictObject({ name: agentName, hash: agentShape.shape.hash, workspace }),
  output: z.strictObject({ name: z.string(), confirmed: z.literal(true) }),
  async handle(core, { name, hash, ...input }) {
    await core.agents.confirm({ name, hash }, folderOf(core, input.workspace));
    return { name, confirmed: true as const };
  },
});
