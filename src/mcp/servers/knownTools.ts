import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import { nameTable } from "../../base/nameTable.ts";
import type { ListedTool } from "../tools/listedTool.ts";

/** What is remembered of a server, so that it need not run for its tools to be known. */
export interface KnownTools {
  /** What it was when it listed them. */
  origin: string;
  listed: ListedTool[];
  /** By the server's names: the digests of its tools when they were last called. */
  called: Record<string, string>;
}

// Who lists more has to run.
const MOST_BYTES = 2 * 1024 * 1024;

/** undefined where nothing is remembered, or what is there is not ours. */
export function readKnownTools(stateDir: string, name: string): KnownTools | undefined {
  try {
    const { origin, listed, called } = JSON.parse(readFileSync(fileOf(stateDir, name), "utf8")) as KnownTools;
    const isWhole = typeof origin === "string" && Array.isArray(listed) && listed.every(isListed);
    return isWhole ? { origin, listed, called: nameTable(called ?? {}) } : undefined;
  } catch {
    return undefined;
  }
}

export async function writeKnownTools(stateDir: string, name: string, known: KnownTools): Promise<void> {
  const path = fileOf(stateDir, name);
  const whole = JSON.stringify(known);
  await makeFolders(dirname(path), 0o700);
  await replaceFile(
    path,
    whole.length <= MOST_BYTES ? whole : JSON.stringify({ ...known, origin: "", listed: [] }),
    0o600,
  );
}

function fileOf(stateDir: string, name: string): string {
  return join(stateDir, "mcp", `${name}.json`);
}

function isListed(value: unknown): boolean {
  const { name, inputSchema } = (value ?? {}) as Partial<ListedTool>;
  return typeof name === "string" && typeof inputSchema === "object" && inputSchema !== null;
}
