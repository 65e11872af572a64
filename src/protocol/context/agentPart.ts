import * as z from "zod";

/** How long a model thinks before it answers. */
export const effortShape = z.enum(["low", "medium", "high"]);

/** An agent that a file describes: `NAME.md` in a workspace's .agents/agents/, or in agents/ of the state folder. */
export const agentShape = z.strictObject({
  name: z.string(),
  description: z.string(),
  from: z.enum(["user", "workspace"]).describe("One of the user's own goes before a workspace's of the same name."),
  path: z.string(),
  hash: z.string().describe("Digest of the file: what is confirmed is exactly that content."),
  confirmed: z.boolean().describe("A workspace's is used once a person has confirmed its content."),
  instructions: z.string(),
  tools: z.array(z.string()).optional().describe("The tools it has, of those that its caller has; all when absent."),
  model: z.string().optional(),
  effort: effortShape.optional().describe("How long its model thinks, where it can be told."),
  budgetUsd: z.number().optional(),
  budgetTokens: z.number().optional(),
  ignored: z.array(z.string()).describe("Keys of its head that mean nothing here."),
  problem: z.string().optional().describe("Why it cannot be used."),
});

/** A sub-agent's part, as its file describes it. */
export type AgentPart = z.output<typeof agentShape>;

export type Effort = NonNullable<AgentPart["effort"]>;

/** The name of one, as a field of an input. */
export const agentName = z.string().regex(/^[\w-]{1,64}$/, "Expected letters, digits, - and _");
