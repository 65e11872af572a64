import { isAbsolute } from "node:path";
import { stateReason } from "./protectedState.ts";
import { isSecretName } from "./secretNames.ts";

export type PathUse = "read" | "write";

/**
 * Why a path must be asked for whatever the approval mode: it sets what code runs, what the agent may do, or holds
 * secrets. Undefined when it is like any other. Takes the real path, or the path from the workspace.
 */
export function protectedReason(path: string, use: PathUse): string | undefined {
  const state = isAbsolute(path) ? stateReason(path) : undefined;
  if (state !== undefined) return state;
  const names = path
    .split(/[\\/]+/)
    .map(foldedName)
    .filter((name) => name !== "" && name !== ".");
  const last = names.at(-1) ?? "";
  if (isSecretName(names) || isState(names, last)) return `${last} may hold secrets`;
  if (use === "read") return undefined;
  const folder = names.find((name) => SETTING_FOLDERS.has(name));
  if (folder) return `${folder} decides what code runs`;
  if (SETTING_PATHS.test(names.join("/")))
    return `${names.slice(-2).join("/")} decides what code runs or what agents may do`;
  if (SETTING_FILES.has(last) || /\.code-workspace$|^openclaw\.y.*ml$/.test(last))
    return `${last} decides what code runs or what agents may do`;
  return SHELL_START.test(last) ? `${last} runs whenever a shell starts` : undefined;
}

/** Why a change of a file's text must be asked for although its path is like any other. */
export function protectedChange(path: string, before: string | null, after: string | null): string | undefined {
  if (!/(^|[\\/])package\.json$/i.test(path) || after === null) return undefined;
  const was = packageScripts(before);
  const will = packageScripts(after);
  return was !== undefined && was === will ? undefined : SCRIPTS_DECIDE;
}

/** Why a change of them is asked for. */
export const SCRIPTS_DECIDE = "the scripts of package.json decide what code runs";

/** The fields of a package.json that name what is run: by npm and its like, and by what starts programs for git. */
export const SCRIPT_FIELDS = [
  ...[
    "scripts",
    "bin",
    "husky",
    "simple-git-hooks",
    "lint-staged",
    "nano-staged",
    "pre-commit",
    "pre-push",
    "gitHooks",
    "ghooks",
    "config",
    "lefthook",
    "wireit",
    "nx",
    "pnpm",
    "trustedDependencies",
    "dependenciesMeta",
  ],
];

/** What npm would run of a package.json, as one text; undefined when it cannot be told. */
export function packageScripts(text: string | null): string | undefined {
  try {
    const whole = (text === null ? {} : JSON.parse(text.replace(/^\ufeff/, ""))) as Record<string, unknown>;
    return JSON.stringify(SCRIPT_FIELDS.map((name) => whole[name] ?? {}));
  } catch {
    return undefined;
  }
}

/** Folders that decide what code runs, lower case. */
export const SETTING_FOLDERS = new Set([
  // Repositories, and what they start
  ...".git .hg .svn .jj .husky .githooks .git-hooks .lefthook .lefthook-local".split(" "),
  // Editors
  ...".vscode .devcontainer .idea .run .fleet .zed .helix .vs .nova .theia .idx .codesandbox .gitpod".split(" "),
  // Agents
  ...".claude .cursor .windsurf .codex .gemini .kiro .opencode .roo .continue .junie .clinerules .qwen".split(" "),
  ...".agents .agent .amazonq .augment .kilocode .trae .factory .openhands .zencoder .crush".split(" "),
  // Build services
  ...".circleci .buildkite .woodpecker .semaphore .builds .tekton .teamcity .codefresh .harness".split(" "),
  ...".azure-pipelines .azuredevops".split(" "),
]);

/** Files that do, lower case. */
export const SETTING_FILES = new Set([
  ...["mcp.json", ".mcp.json", ".gitconfig", ".gitmodules", ".gitattributes", ".lfsconfig"],
  ...["agents.md", "agents.override.md", "agent.md", "claude.md", "claude.local.md", "gemini.md", "qwen.md"],
  ...["copilot-instructions.md", ".cursorrules", ".windsurfrules", ".roomodes", ".goosehints", ".aider.conf.yml"],
  ...["opencode.json", "opencode.jsonc", "crush.json", ".crush.json", ".augment-guidelines", "warp.md", ".rules"],
  // Hooks by configuration
  ...[".pre-commit-config.yaml", ".pre-commit-config.yml", ".overcommit.yml", ".huskyrc", ".huskyrc.json"],
  ...[
    ".huskyrc.js",
    ".huskyrc.yaml",
    ".huskyrc.yml",
    "husky.config.js",
    "prek.toml",
    "captainhook.json",
    "grumphp.yml",
  ],
  // Build services
  ...[".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", "azure-pipelines.yaml", "jenkinsfile"],
  ...["bitbucket-pipelines.yml", ".drone.yml", ".woodpecker.yml", ".cirrus.yml", "appveyor.yml", ".appveyor.yml"],
  ...["cloudbuild.yaml", "cloudbuild.yml", "cloudbuild.json", "buildspec.yml", "buildspec.yaml", ".build.yml"],
  ...[".drone.star", ".drone.jsonnet", ".woodpecker.yaml", ".cirrus.star", "wercker.yml", "codefresh.yml"],
  ...["bitrise.yml", "codemagic.yaml", ".scrutinizer.yml"],
  // What tools run as soon as they are started here
  ...[".devcontainer.json", ".yarnrc", ".pnpmfile.cjs", ".pnpmfile.mjs", "devbox.json", ".autoenv", ".autoenv.zsh"],
  ...["devfile.yaml", ".devfile.yaml", ".gitpod.yml", ".replit", ".rprofile", ".irbrc", ".pryrc", ".iex.exs"],
  ...[".ocamlinit", ".ghci", ".bazelrc", ".sqliterc", ".psqlrc", ".tmux.conf", ".kateproject"],
  ...[".lvimrc", ".lazy.lua", ".neoconf.json", ".dir-locals-2.el"],
  ...[".gdbinit", ".lldbinit", ".exrc", ".vimrc", ".nvimrc", ".nvim.lua", ".dir-locals.el"],
]);

// Where the folder tells.
const SETTING_PATHS = new RegExp(
  [
    "(^|/)\\.(github|gitea|forgejo)/(workflows|actions|hooks|agents|prompts|instructions|chatmodes)(/|$)",
    "(^|/)\\.(cargo|mise)/config(\\.toml)?$",
    "(^|/)(\\.?mise(\\.[^/]+)?\\.toml|\\.config/mise(\\.toml)?(/|$)|mise/config\\.toml)",
    "(^|/)\\.yarn/(releases|plugins|sdks)(/|$)",
    "(^|/)\\.gitlab/ci(/|$)",
    "(^|/)(jenkinsfile(\\.[^/]+)?|azure-pipelines[^/]*\\.ya?ml|[^/]*\\.sublime-project)$",
    "(^|/)\\.?(lefthook|lefthook-local)\\.(ya?ml|toml|json)$",
    "(^|/)(\\.lintstagedrc[^/]*|lint-staged\\.config\\.[^/]*|\\.?simple-git-hooks\\.[^/]*)$",
  ].join("|"),
);

/** Whether a file that may hold secrets also tells tools what to run. */
export function decidesAlthoughSecret(name: string): boolean {
  return [".npmrc", ".yarnrc.yml", ".envrc"].includes(foldedName(name));
}

const SHELL_START =
  /^(\.(bash|zsh|k|mksh|c|tcsh)rc|\.bash_(profile|login|logout|aliases)|\.z(shenv|profile|login|logout)|\.profile|\.login|\.logout|\.inputrc|config\.fish|(microsoft\.(powershell|vscode)_)?profile\.ps1)$/;

/** The state folder, when someone's workspace holds it: its gateway.json carries the token. Notes are for the agent. */
function isState(names: string[], last: string): boolean {
  const state = names.indexOf(".pincer");
  const isNotes = names.slice(state + 1).join("/") === "memory.md" || names.slice(state + 1, -1).join("/") === "memory";
  return state >= 0 && !(isNotes && last.endsWith(".md")) && state < names.length - 1;
}

// Some file systems take these for the same name: other case, compatibility forms, invisible characters, a stream's
// name after a colon, dots and spaces at the end.
export function foldedName(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase()
    .replace(/(?<=.):.*$/, "")
    .replace(/(?<=[^. ])[. ]+$/, "");
}
