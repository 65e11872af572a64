import { join } from "node:path";
import { fileLane } from "../../base/files/fileLane.ts";
import { describeError, type Log } from "../../base/log.ts";
import { readPrivateFile, writePrivateFile } from "../../config/privateFile.ts";

/** Hashes of what the user let workspaces' files widen: `confirmed.json` in the state folder, out of any workspace's reach. */
export interface Confirmed {
  /** None while they cannot be read: it is told, and asked again. */
  hashes(): ReadonlySet<string>;
  /** Rejects when they cannot be read for their file's rights or kind. */
  add(hash: string): Promise<void>;
}

export function openConfirmed(stateDir: string, log: Pick<Log, "warn">): Confirmed {
  const path = join(stateDir, "confirmed.json");
  let told = "";
  const tell = (fault: string) => {
    if (fault !== told && fault !== "") log.warn(`${fault}: what was confirmed of workspaces' files is asked again`);
    told = fault;
  };
  const read = (): string[] => {
    const text = readPrivateFile(path) ?? "[]";
    const hashes = parseHashes(text);
    tell(hashes ? "" : `${path} is no JSON list of texts`);
    return hashes ?? [];
  };
  return {
    hashes() {
      try {
        return new Set(read());
      } catch (error) {
        tell(describeError(error));
        return new Set();
      }
    },
    add: (hash) =>
      fileLane(path, (fence) =>
        writePrivateFile(path, `${JSON.stringify([...new Set([...read(), hash])], null, 2)}\n`, { fence }),
      ),
  };
}

function parseHashes(text: string): string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter((item) => typeof item === "string") : undefined;
  } catch {
    return undefined;
  }
}
