import { AppError } from "../../base/appError.ts";
import { newId } from "../../base/id.ts";
import type { SendRequest } from "../../protocol/run.ts";
import type { Run, StoredWith } from "../services/submittedRun.ts";
import type { Worktrees } from "../ports/worktrees.ts";
import { sendMessage } from "./sendMessage.ts";
import type { SessionParts } from "./sessionParts.ts";
import { listedWorkspace } from "./workspaces.ts";

/** Sends the message to a new session that works in a git worktree of its own, of the folder it would have worked in. */
export async function sendInWorktree(parts: SessionParts, request: SendRequest, kept?: StoredWith): Promise<Run> {
  const { worktrees } = parts;
  const folder = await folderOf(parts, request);
  const worktree = await worktrees.create({ folder, label: request.label ?? request.text.slice(0, 200) });
  const toWorktree = ({ sessionKey }: Pick<Run, "sessionKey">) => ({ worktree: { ...worktree, sessionKey } });
  const keptWith: StoredWith | undefined = kept && ((run) => kept({ ...run, ...toWorktree(run) }));
  const newKey = request.newKey ?? newId("s");
  try {
    // Before the session runs: it is known to be at work there from the first moment on.
    await worktrees.assign(worktree.name, newKey);
    const run = await sendMessage(parts, { ...request, newKey, workspace: worktree.path }, keptWith);
    return { ...run, ...toWorktree(run) };
  } catch (error) {
    await worktrees.remove(worktree.name, { force: true }).catch(() => {});
    throw error;
  }
}

async function folderOf({ sessionRepository, workspaces }: SessionParts, request: SendRequest): Promise<string> {
  const { workspace, parentKey } = request;
  const parent = parentKey === undefined ? undefined : (await sessionRepository.get(parentKey)).workspace;
  const folder = workspace === undefined ? (parent ?? workspaces.list()[0]) : listedWorkspace(workspace, workspaces);
  if (typeof folder === "string") return workspaces.real(folder);
  throw new AppError("bad_request", "A worktree needs a folder in a git repository, and none is open");
}

const none = async () => {
  throw new AppError("unavailable", "There are no worktrees here");
};

/** Where there is nowhere to put any. */
export const NO_WORKTREES: Worktrees = {
  create: none,
  assign: none,
  list: async () => [],
  diff: none,
  merge: none,
  push: none,
  remove: none,
  nameOf: () => undefined,
  origin: () => undefined,
};
