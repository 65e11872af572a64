import { join } from "node:path";
import { type BrokenLink, CHAIN_START, type ChainEnd, checkLine } from "../../base/hashChain.ts";
import { auditFolder, CURRENT_FILE, listFullFiles, readEnd, readText } from "./auditFiles.ts";

export interface AuditVerdict {
  files: number;
  lines: number;
  problems: AuditProblem[];
  /** The last line is half written, as after a crash: nothing that was recorded is missing. */
  unfinished?: true;
}

export interface AuditProblem {
  file: string;
  /** Counts from 1. */
  line: number;
  message: string;
}

const MESSAGES: Record<BrokenLink, string> = {
  damaged: "this is no line of the audit log",
  edited: "the line was edited: it does not have its own hash",
  gap: "the line does not follow the one before: lines are missing, or in another order",
};

/** Goes through the whole audit log of a state folder, from the oldest file to the newest line. */
export async function verifyAudit(stateDir: string): Promise<AuditVerdict> {
  const folder = auditFolder(stateDir);
  // Read first: a gateway that is at work writes it after its lines.
  const written = await readEnd(folder);
  const full = await listFullFiles(folder);
  const names = [...full.map(({ name }) => name), CURRENT_FILE];
  // Old files may have been removed as a whole, so that the first one there follows what is not known.
  let end: ChainEnd | undefined = full[0] && full[0].number > 1 ? undefined : CHAIN_START;
  const retry: AuditVerdict = { files: 0, lines: 0, problems: [] };

  for (const name of names) {
    const text = await readText(join(folder, name));
    if (text === "") continue;
    retry.files += 1;
    const lines = text.split("\n");
    const rest = lines.pop()!;
    if (rest !== "" && name === CURRENT_FILE) retry.unfinished = true;
    else if (rest !== "") lines.push(rest);
    for (const [index, line] of lines.entries()) {
      retry.lines += 1;
      const checked = checkLine(line, end);
      if (checked.problem) retry.problems.push({ file: name, line: index + 1, message: MESSAGES[checked.problem] });
      // After what cannot be read, the next line may follow anything.
      end = checked.end;
    }
  }

  const last = end ?? CHAIN_START;
  if (written && written.seq > last.seq && retry.problems.length === 0) {
    const message = `${written.seq - last.seq} lines are missing at the end`;
    retry.problems.push({ file: CURRENT_FILE, line: retry.lines + 1, message });
  }
  return retry;
}
