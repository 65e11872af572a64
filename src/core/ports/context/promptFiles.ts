import type { Prompt } from "../../../protocol/context/prompt.ts";

/** A prompt with what its file says. */
export type PromptFile = Omit<Prompt, "kind" | "confirmed" | "inputs"> & { body: string };

/** Prompts in files: the user's own, and a workspace's. Read afresh each time, without following a link out of the workspace. */
export interface PromptFiles {
  /** By name; those that cannot be used are there with their problem. */
  list(workspace: string | undefined): Promise<PromptFile[]>;
}
