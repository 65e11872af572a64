import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { deadLink } from "../../base/files/deadLink.ts";
import { othersWhoMayRead } from "./windowsRights.ts";
import { broken, type Check, type Finding, ok, warning } from "./check.ts";

export const stateFolder: Check = {
  name: "State folder",
  async run({ stateDir }) {
    const stat = statSync(stateDir, { throwIfNoEntry: false });
    const dead = deadLink(stateDir);
    if (dead) return [broken(dead.message, "Connect the drive it leads to, or remove the link")];
    if (!stat) return [ok(`${stateDir} is made at the first start`)];
    if (!stat.isDirectory())
      return [broken(`${stateDir} is not a folder`, "Move it away, or set PINCER_HOME to a folder")];
    if (!isWritable(stateDir)) return [broken(`${stateDir} cannot be written`, `chmod u+rwx '${stateDir}'`)];
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

const SECRET_FILES = ["token", "gateway.json", "secrets.json", "confirmed.json", "service.env", "webhook-secret"];

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

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
