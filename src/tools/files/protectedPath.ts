export type PathUse = "read" | "write";

/**
 * Why a path must be asked for whatever the approval mode: it sets what code runs, what the agent may do, or holds
 * secrets. Undefined when it is like any other. Takes the real path, or the path from the workspace.
 */
export function protectedReason(path: string, use: PathUse): string | undefined {
  const names = path
    .split(/[\\/]+/)
    .map(fold)
    .filter((name) => name !== "");
  const last = names.at(-1) ?? "";
  if (isSecret(names, last)) return `${last} may hold secrets`;
  if (use === "read") return undefined;
  const folder = names.find((name) => SETTING_FOLDERS.has(name));
  if (folder) return `${folder} decides what code runs`;
  if (SETTING_FILES.has(last) || /\.code-workspace$|^openclaw\.y.*ml$/.test(last))
    return `${last} decides what code runs or what agents may do`;
  return SHELL_START.test(last) ? `${last} runs whenever a shell starts` : undefined;
}

const SETTING_FOLDERS = new Set([".vscode", ".git", ".hg", ".svn", ".husky", ".githooks", ".devcontainer"]);

const SETTING_FILES = new Set(["mcp.json", ".mcp.json", "agents.md", ".gitconfig", ".gitmodules"]);

const SHELL_START =
  /^(\.(bash|zsh|k|mksh|c|tcsh)rc|\.bash_(profile|login|logout|aliases)|\.z(shenv|profile|login|logout)|\.profile|\.login|\.logout|\.inputrc|config\.fish|(microsoft\.(powershell|vscode)_)?profile\.ps1)$/;

const SECRET_FOLDERS = new Set([".ssh", ".gnupg", ".aws", ".kube"]);

function isSecret(names: string[], last: string): boolean {
  if (last.startsWith(".env") || last === ".netrc" || last === ".git-credentials" || last === ".npmrc") return true;
  // The state folder, when someone's workspace holds it: its gateway.json carries the token. Notes are for the agent.
  const state = names.indexOf(".pincer");
  if (state >= 0 && !(state === names.length - 2 && last === "memory.md") && state < names.length - 1) return true;
  return names.some((name) => SECRET_FOLDERS.has(name));
}

// Some file systems take these for the same name: other case, compatibility forms, invisible characters, a stream's
// name after a colon, dots and spaces at the end.
function fold(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase()
    .replace(/(?<=.):.*$/, "")
    .replace(/(?<=[^. ])[. ]+$/, "");
}
