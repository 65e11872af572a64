import * as z from "zod";

/** A skill's name, as a field of an input: it is typed behind a slash, and told to models. */
export const skillName = z.string().regex(/^[\w-]{1,64}$/, "Expected letters, digits, - and _");

/** A folder with a SKILL.md: what to do in one kind of task, and files for it. */
export const skillShape = z.strictObject({
  name: z.string(),
  description: z.string().describe("What it is for and when, as the model is told it."),
  from: z.enum(["user", "workspace"]).describe("One of the user's own goes before a workspace's of the same name."),
  path: z.string().describe("Its folder."),
  hash: z.string().describe("Digest of all its files: what is confirmed is exactly that content."),
  confirmed: z.boolean().describe("A workspace's is used once a person has confirmed its content."),
  forModel: z.boolean().describe("Whether the model is told of it; else it is only for those who name it."),
  forPeople: z.boolean().describe("Whether it is among the commands that are typed behind a slash."),
  argumentHint: z.string().optional().describe("What may be typed behind its name."),
  allowedTools: z.array(z.string()).optional().describe("What it says it needs. It grants nothing."),
  license: z.string().optional(),
  compatibility: z.string().optional().describe("What it says it needs to be there."),
  notes: z.array(z.string()).describe("What about it is not as its format has it, or means nothing here."),
  problem: z.string().optional().describe("Why it cannot be used."),
});

export type Skill = z.output<typeof skillShape>;
