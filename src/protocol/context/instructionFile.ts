import * as z from "zod";

/** A file of standing instructions that a session's model is told: AGENTS.md, or CLAUDE.md where there is none. */
export const instructionFileShape = z.strictObject({
  path: z.string(),
  name: z.string().describe("As the model is told it: from the session's folder, or from the user's own."),
  from: z.enum(["user", "workspace"]),
  beneath: z.string().describe('The folder whose files it is about; "." for all that the session does.'),
  text: z.string().describe("As the model reads it: without its end where it is too long."),
  problem: z.string().optional().describe("Why it is not told, or not whole."),
});

export type InstructionFile = z.output<typeof instructionFileShape>;
