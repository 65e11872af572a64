import { join } from "node:path";
import { fileLane } from "../../base/files/fileLane.ts";
import { readPrivateFile, writePrivateFile } from "../../config/privateFile.ts";

/** Hashes of what the user let workspaces' files widen: `confirmed.json` in the state folder, out of any workspace's reach. */
export interface Confirmed {
  hashes(): ReadonlySet<string>;
  add(hash: string): Promise<void>;
}

export function openConfirmed(stateDir: string): Confirmed {
  const path = join(stateDir, "confirmed.json");
  const read = (): string[] => {
    const parsed: unknown = JSON.parse(readPrivateFile(path) ?? "[]");
    return Array.isArray(parsed) ? parsed.filter((item) => typeof item === "string") : [];
  };
  return {
    hashes: () => new Set(read()),
    add: (hash) =>
      fileLane(path, (fence) =>
        writePrivateFile(path, `${JSON.stringify([...new Set([...read(), hash])], null, 2)}\n`, { fence }),
      ),
  };
}
