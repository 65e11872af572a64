import { execFile } from "node:child_process";
import { findSystemProgram } from "../../base/findProgram.ts";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { isInside } from "../../base/files/isInside.ts";
import { realPath } from "../../base/files/realPath.ts";
import { nameTable } from "../../base/nameTable.ts";

/** Groups of Windows that take in people other than a folder's owner and its administrators, as SDDL writes them. */
const OTHERS = nameTable<string>({
  WD: "Everyone",
  "S-1-1-0": "Everyone",
  AU: "Authenticated Users",
  "S-1-5-11": "Authenticated Users",
  BU: "Users",
  "S-1-5-32-545": "Users",
  IU: "Interactive",
  "S-1-5-4": "Interactive",
  NU: "Network",
  "S-1-5-2": "Network",
  BG: "Guests",
  "S-1-5-32-546": "Guests",
  AN: "Anonymous",
  "S-1-5-7": "Anonymous",
});

// Any of these lets read a file, list a folder, or change the rights themselves.
const LETTERS = ["GA", "GR", "FA", "FR", "CC", "WD", "WO"];
const READ_BITS = 0x900c0001n;

/** Whom a security descriptor lets read, besides its owner: as in ["Everyone"]. Without a list of rights it is everyone. */
export function openTo(sddl: string): string[] {
  const list = /D:([A-Z_]*)((?:\([^)]*\))*)/.exec(sddl);
  if (!list || list[1]!.includes("NO_ACCESS_CONTROL")) return ["Everyone"];
  const names = [...list[2]!.matchAll(/\(([^)]*)\)/g)].flatMap(([, entry]) => {
    const [type, flags = "", rights = "", , , who = ""] = entry!.split(";");
    // Rights that are only handed on are those of what lies within, which is no less secret.
    if (type !== "A" || flags === "NP" || !letsRead(rights)) return [];
    return OTHERS[who] ?? [];
  });
  return [...new Set(names)];
}

function letsRead(rights: string): boolean {
  if (/^0x/i.test(rights)) return (BigInt(rights) & READ_BITS) !== 0n;
  return (rights.match(/../g) ?? []).some((letters) => LETTERS.includes(letters));
}

/** Whom Windows lets read a folder out of the user's profile, which is private by itself; [] where it cannot be told. */
export async function othersWhoMayRead(folder: string): Promise<string[]> {
  const powershell = findSystemProgram("WindowsPowerShell\\v1.0\\powershell");
  if (powershell === undefined || isInside(realPath(homeFolder()), realPath(folder))) return [];
  // As SDDL, which names groups in no language.
  const asked = `(Get-Acl -LiteralPath '${folder.replaceAll("'", "''")}').Sddl`;
  const said = await new Promise<string>((resolve) => {
    const args = ["-NoProfile", "-NonInteractive", "-Command", asked];
    execFile(powershell, args, { timeout: 10_000, windowsHide: true }, (_, stdout) => resolve(stdout.trim()));
  });
  return said.includes("D:") ? openTo(said) : [];
}
