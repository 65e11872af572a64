import { stat } from "node:fs/promises";
import { systemClock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError, type Log } from "../../base/log.ts";

const LOOK_MS = 5000;

/** Waits for those of a gateway's folders that are not there yet, as what is mounted late, and says so. Tells each time one has come. */
export function awaitLateFolders(
  folders: string[],
  log: Log,
): { onDidChangeWorkspaces(listener: () => void): Disposable } {
  const changes = new Emitter<void>((error) =>
    log.error("A folder that has come could not be taken over", { error: describeError(error) }),
  );
  const missing = new Set<string>();
  const look = async (awaited: string[]) => {
    for (const folder of awaited) {
      if (!(await isFolder(folder))) {
        if (!missing.has(folder))
          log.warn("A folder of --workspace is not there; nothing can be done in it until it is", { folder });
        missing.add(folder);
      } else if (missing.delete(folder)) {
        log.info("A folder of --workspace is there now", { folder });
        changes.emit();
      }
    }
    if (missing.size > 0) systemClock.at(systemClock.now() + LOOK_MS, () => void look([...missing]));
  };
  void look(folders);
  return { onDidChangeWorkspaces: (listener) => changes.on(listener) };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
