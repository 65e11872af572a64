import { join } from "node:path";
import { AppError } from "../base/appError.ts";
import { fileLane, type LaneFence } from "../base/files/fileLane.ts";
import { readPrivateFile, writePrivateFile } from "./privateFile.ts";

/** Secrets by name, as in "anthropic.apiKey", where no editor keeps them: `secrets.json` in the state folder. */
export interface Secrets {
  get(name: string): string | undefined;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
  names(): string[];
}

/** Reads the file afresh at every call, so that a change takes effect at once. */
export function openSecrets(stateDir: string): Secrets {
  const path = join(stateDir, "secrets.json");
  const read = () => parseSecrets(readPrivateFile(path), path);
  const write = (secrets: Map<string, string>, fence: LaneFence) =>
    writePrivateFile(path, `${JSON.stringify(Object.fromEntries(secrets), null, 2)}\n`, { fence });
  return {
    get: (name) => read().get(name),
    set: (name, value) => fileLane(path, (fence) => write(read().set(name, value), fence)),
    delete: (name) =>
      fileLane(path, async (fence) => {
        const secrets = read();
        if (secrets.delete(name)) await write(secrets, fence);
      }),
    names: () => [...read().keys()],
  };
}

function parseSecrets(text: string | undefined, path: string): Map<string, string> {
  if (text === undefined) return new Map();
  const fault = new AppError(
    "bad_request",
    `${path} must hold a JSON object of texts, as in {"anthropic.apiKey": "..."}`,
  );
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw fault;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw fault;
  const entries = Object.entries(parsed);
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === "string")) throw fault;
  return new Map(entries);
}
