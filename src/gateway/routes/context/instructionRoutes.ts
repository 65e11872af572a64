import * as z from "zod";
import { instructionFileShape } from "../../../protocol/context/instructionFile.ts";
import { sessionKeyOrMain } from "../../../protocol/session.ts";
import { defineRoute } from "../../calls/route.ts";

export const instructionsList = defineRoute({
  name: "instructions.list",
  verb: "GET",
  scope: "read",
  summary:
    "The files of standing instructions that a session's model is told: AGENTS.md, or CLAUDE.md where there is none.",
  input: z.strictObject({ sessionKey: sessionKeyOrMain }),
  output: z.strictObject({ count: z.int(), instructions: z.array(instructionFileShape) }),
  async handle(core, { sessionKey }) {
    const instructions = await core.sessions.instructions(sessionKey);
    return { count: instructions.length, instructions };
  },
});
