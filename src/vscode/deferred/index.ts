import type { Command } from "../host/command.ts";
import { jobCommands } from "../jobs/jobCommands.ts";
import { compareSubagents } from "../sessions/compareSubagents.ts";
import { spawnInWorktree, spawnTask, spawnWithModels } from "../sessions/spawnTask.ts";
import { worktreeCommands } from "../sessions/worktreeCommands.ts";

/** What the commands do that are loaded at the first of them. */
export const commands = {
  ...jobCommands,
  ...worktreeCommands,
  "pincer.compareSubagents": compareSubagents,
  "pincer.spawnTask": spawnTask,
  "pincer.spawnInWorktree": spawnInWorktree,
  "pincer.spawnWithModels": spawnWithModels,
} satisfies Record<string, Command>;
