import type { Command } from "../host/command.ts";

/** The commands whose code is a bundle of its own, loaded at the first of them. */
const DEFERRED = [
  "pincer.addJob",
  "pincer.remindMe",
  "pincer.showJob",
  "pincer.showRunReport",
  "pincer.copyRunReport",
  "pincer.runJob",
  "pincer.rehearseJob",
  "pincer.showRehearsal",
  "pincer.editJob",
  "pincer.openJobSource",
  "pincer.removeJob",
  "pincer.showFirings",
  "pincer.showJobFirings",
  "pincer.showJobRuns",
  "pincer.showWorktrees",
  "pincer.diffWorktree",
  "pincer.openWorktreeSession",
  "pincer.openWorktree",
  "pincer.patchWorktree",
  "pincer.mergeWorktree",
  "pincer.pushWorktree",
  "pincer.removeWorktree",
  "pincer.refreshWorktrees",
  "pincer.compareSubagents",
  "pincer.spawnTask",
  "pincer.spawnInWorktree",
  "pincer.spawnWithModels",
] as const;

/** Each of them as a command that loads its code when it is first called. */
export const deferredCommands: Record<string, Command> = Object.fromEntries(
  DEFERRED.map((id) => [
    id,
    (async (window, ...given) => {
      const commands: Record<typeof id, Command> = (await import("../deferred/index.ts")).commands;
      await commands[id](window, ...given);
    }) satisfies Command,
  ]),
);
