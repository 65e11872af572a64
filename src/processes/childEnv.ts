import { delimiter, isAbsolute, resolve } from "node:path";
import { diskPlaces } from "../base/files/diskPath.ts";
import { isInside } from "../base/files/isInside.ts";
import { realPath } from "../base/files/realPath.ts";

/**
 * The environment of a command that the agent runs: a list of names that are known to be of use and to carry neither
 * secrets nor code, and git kept from running what a repository brings along.
 */
export function childEnv(workspace: string, from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined || !ALLOWED.test(name)) continue;
    // A proxy's address may carry a password.
    if (/proxy$/i.test(name) && value.includes("@")) continue;
    env[name] = /^path$/i.test(name) ? safePath(value, workspace) : value;
  }
  return { ...env, ...FIXED, ...gitConfig() };
}

const ALLOWED = new RegExp(
  "^(" +
    [
      "PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\\w+|TZ|TMPDIR|TMP|TEMP|HOSTNAME",
      "XDG_(CACHE|CONFIG|DATA|STATE|RUNTIME)_(HOME|DIR)|SSH_AUTH_SOCK",
      "(HTTPS?|ALL|NO)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE",
      "JAVA_HOME|ANDROID_HOME|ANDROID_SDK_ROOT|GOPATH|GOROOT|CARGO_HOME|RUSTUP_HOME|NVM_DIR|VOLTA_HOME|PNPM_HOME|BUN_INSTALL",
      "PYENV_ROOT|VIRTUAL_ENV|CONDA_PREFIX|CONDA_DEFAULT_ENV|GEM_HOME|DOTNET_ROOT|DOCKER_HOST|PLAYWRIGHT_BROWSERS_PATH",
      "SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|USERNAME|USERDOMAIN|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA",
      "PROGRAMDATA|PROGRAMFILES|PROGRAMFILES\\(X86\\)|PROGRAMW6432|COMMONPROGRAMFILES|ALLUSERSPROFILE|PUBLIC|OS",
      "NUMBER_OF_PROCESSORS|PROCESSOR_ARCHITECTURE",
    ].join("|") +
    ")$",
  "i",
);

// Nobody can answer a prompt or page through output.
const FIXED = {
  TERM: "dumb",
  NO_COLOR: "1",
  PAGER: "cat",
  GIT_PAGER: "cat",
  GIT_TERMINAL_PROMPT: "0",
  GIT_EDITOR: ":",
  // Windows would look for a program in the folder first, and only then on the path.
  NoDefaultCurrentDirectoryInExePath: "1",
};

const GIT_CONFIG = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", process.platform === "win32" ? "NUL" : "/dev/null"],
  ["core.pager", "cat"],
] as const;

function gitConfig(): Record<string, string> {
  const rows = GIT_CONFIG.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(GIT_CONFIG.length), ...Object.fromEntries(rows) };
}

/** Without relative entries and those in the workspace, where a repository could put an `ls` of its own. */
function safePath(path: string, workspace: string): string {
  const own = workspace === "" ? [] : diskPlaces(workspace);
  const isOwn = (entry: string) => own.some((one) => isInside(one, resolve(entry)) || isInside(one, realPath(entry)));
  const entries = path.split(delimiter).filter((entry) => isAbsolute(entry));
  return entries.filter((entry) => !isOwn(entry)).join(delimiter);
}
