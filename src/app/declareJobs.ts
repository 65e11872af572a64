import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Disposable } from "../base/disposable.ts";
import { readConfigText } from "../config/configText.ts";
import type { RunningCore } from "../core/createCore.ts";
import type { Configuration } from "./settings/configuration.ts";

export interface DeclaringOptions {
  core: { jobs: Pick<RunningCore["jobs"], "list" | "declare"> };
  configuration: Pick<Configuration, "declared" | "onDidChange">;
  /** Told of a change that could not be taken over: the jobs stay as they were. */
  onFault(error: unknown): void;
}

/** What keeps the declared jobs those of the files. */
export interface DeclaringJobs extends Disposable {
  /** Resolves when the jobs are those of the files as they are now. Rejects as the store does. */
  declare(): Promise<void>;
  /** Resolves when nothing is under way any more; to be disposed of before. */
  settled(): Promise<void>;
}

/** Follows the files from now on, one change after another: none that comes while the gateway is still starting is missed. */
export function followDeclared({ core, configuration, onFault }: DeclaringOptions): DeclaringJobs {
  let isOver = false;
  let last = Promise.resolve();
  const declare = () => {
    const declared = last.then(() => (isOver ? undefined : declareJobs(core, configuration)));
    last = declared.catch(() => {});
    return declared;
  };
  const following = configuration.onDidChange(() => void declare().catch(onFault));
  return {
    declare,
    dispose() {
      isOver = true;
      following.dispose();
    },
    settled: () => last,
  };
}

/**
 * Makes the declared jobs those of the files that were read here. A file that was deleted declares nothing any more; one that
 * is away, as with its drive, keeps its jobs, and one that another gateway of this store reads is left to it.
 */
async function declareJobs(
  { jobs }: DeclaringOptions["core"],
  configuration: DeclaringOptions["configuration"],
): Promise<void> {
  const declared = configuration.declared();
  const files = new Set((await jobs.list()).flatMap(({ file }) => file ?? []));
  const gone = [...files].filter((file) => isDeleted(file) && declared.every((one) => one.file !== file));
  await jobs.declare([...declared, ...gone.map((file) => ({ file, jobs: [] }))]);
}

/** Whether a file is known not to be there: its folder is, with something in it, unlike a place where nothing is mounted. */
function isDeleted(file: string): boolean {
  if (!("missing" in readConfigText(file))) return false;
  try {
    return readdirSync(dirname(file)).length > 0;
  } catch {
    return false;
  }
}
