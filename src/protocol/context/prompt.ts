import * as z from "zod";
import { skillName } from "./skill.ts";

export const promptName = skillName;

/** A message that is kept under a name and sent with arguments: a file of prompts, or a skill that is named by a person. */
export const promptShape = z.strictObject({
  name: z.string().describe("What is typed behind a slash."),
  description: z.string(),
  kind: z.enum(["prompt", "skill"]),
  from: z.enum(["user", "workspace"]).describe("One of the user's own goes before a workspace's of the same name."),
  path: z.string().describe("Its file; of a skill its folder."),
  argumentHint: z.string().optional().describe("What may be typed behind its name."),
  inputs: z
    .array(z.strictObject({ name: z.string(), placeholder: z.string().optional() }))
    .describe("Arguments that it needs, by name: ${input:NAME:PLACEHOLDER} in its text."),
  confirmed: z.boolean().describe("false: of a workspace's skill, which a person has to confirm first."),
  notes: z.array(z.string()).describe("What about it means nothing here."),
  problem: z.string().optional().describe("Why it cannot be used."),
});

export type Prompt = z.output<typeof promptShape>;

/** What is given to one: the text typed behind its name, or its inputs by name. */
export const promptArguments = z.union([
  z.string().max(100_000),
  z.record(z.string().max(100), z.string().max(100_000)),
]);

export type PromptArguments = z.output<typeof promptArguments>;

/** Of a message that was sent by the name of a prompt: what the model reads in place of what was typed. */
export const usedPromptShape = z.strictObject({
  name: z.string(),
  text: z.string().describe("What the model reads."),
  kind: z.enum(["prompt", "skill"]),
});

export type UsedPrompt = z.output<typeof usedPromptShape>;
