import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { deadLink } from "../../base/files/deadLink.ts";
import { othersWhoMayRead } from "./windowsRights.ts";
import { broken, type Check, type Finding, ok, warning } from "./check.ts";

export const stateFolder: Check = {
  name: "State folder",
  async run({ stateDir }) {
    const stat = statSync(stateDir, { throwIfNoEntry: false });
    const dead = deadLink(stateDir);
    if (dead) return [broken(dead.message, "Connect the drive it leads to, or remove the link")];
    if (!stat) return [folderToBe(stateDir)];
    if (!stat.isDirectory())
      return [broken(`${stateDir} is not a folder`, "Move it away, or set PINCER_HOME to a folder")];
    const refusal = refusalOf(stateDir);
    if (refusal === "EROFS") return [broken(`${stateDir} is on a read-only file system`, ELSEWHERE)];
    if (refusal !== undefined) return [broken(`${stateDir} cannot be written`, `chmod u+rwx '${stateDir}'`)];
    const others = process.platform === "win32" ? await othersWhoMayRead(stateDir) : [];
    if (others.length > 0)
      return [
        broken(
          `${stateDir} can be read by ${others.join(" and ")}`,
          `icacls "${stateDir}" /inheritance:r /grant:r "%USERDOMAIN%\\%USERNAME%:(OI)(CI)F"`,
        ),
      ];
    const findings = [
      folderFinding(stateDir, stat.mode),
      ...SECRET_FILES.flatMap((name) => fileFindings(join(stateDir, name))),
    ];
    const faults = findings.filter((finding) => finding.level !== "ok");
    return faults.length > 0 ? faults : [ok(stateDir)];
  },
};

const ELSEWHERE = "Set PINCER_HOME to a folder that you may write";

/** Of a folder that is not there: whether the one that it is to be made in takes it. */
function folderToBe(stateDir: string): Finding {
  let above = dirname(stateDir);
  while (!existsSync(above) && dirname(above) !== above) above = dirname(above);
  const refusal = statSync(above).isDirectory() ? refusalOf(above) : "ENOTDIR";
  if (refusal === undefined) return ok(`${stateDir} is made at the first start`);
  const reasons: Record<string, string> = { EROFS: "is on a read-only file system", ENOTDIR: "is a file" };
  const why = reasons[refusal] ?? "cannot be written by you";
  return broken(`${stateDir} cannot be made: ${above} ${why}`, ELSEWHERE);
}

const SECRET_FILES = [
  "token",
  "token.given",
  "gateway.json",
  "secrets.json",
  "confirmed.json",
  "service.env",
  "webhook-secret",
];

function folderFinding(path: string, mode: number): Finding {
  return isOpen(mode) ? warning(`Others can look into ${path}`, `chmod 700 '${path}'`) : ok(path);
}

function fileFindings(path: string): Finding[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  const dead = deadLink(path);
  if (dead) return [broken(dead.message, "Connect the drive it leads to, or remove the link")];
  if (stat && !stat.isFile()) return [broken(`${path} is no regular file`, "Move it away")];
  return stat && isOpen(stat.mode) ? [broken(`Others can read ${path}`, `chmod 600 '${path}'`)] : [];
}

// Windows has no such bits.
function isOpen(mode: number): boolean {
  return process.platform !== "win32" && (mode & 0o077) !== 0;
}

/** What the system says against writing in a folder, as a code; undefined for nothing. */
function refusalOf(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "EACCES";
  }
}
