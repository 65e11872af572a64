import { allImports, type Tree } from "./tree.ts";

/** The floors of a room from top to bottom: each may import those below it, and what the room as a whole may. */
function floors(room: string, from: string[], outside: string[]): [string, string[]][] {
  return from.map((floor, at) => [
    floor === "" ? room : `${room}/${floor}`,
    [...from.slice(at + 1).map((below) => `${room}/${below}`), ...outside],
  ]);
}

const siblings = ["providers", "tools", "mcp", "browser", "channels", "store", "worktrees"];
const ground = ["net", "rules", "processes", "shell", "schema", "base", "protocol"];

/**
 * What each place may import besides itself and packages: the one table of the house. A file belongs to the longest place
 * that its path begins with; naming a place allows all that is in it.
 */
const places: Record<string, string[]> = Object.fromEntries([
  ["protocol", []],
  ["base", ["protocol"]],
  ["schema", ["base", "protocol"]],
  ["shell", ["base", "protocol"]],
  ["processes", ["shell", "base", "protocol"]],
  ["rules", ["shell", "base", "protocol"]],
  ["net", ["base", "protocol"]],
  ["schedule", ["rules", "schema", "base", "protocol"]],
  ...floors(
    "core",
    [
      "createCore.ts",
      "coreOptions.ts",
      "moving",
      "jobs",
      "channels",
      "sessions",
      "runs",
      "context",
      "permission",
      "state",
      "models",
      "core.ts",
      "services",
      "ports",
    ],
    ["schedule", "rules", "shell", "schema", "base", "protocol"],
  ),
  ...floors("mcp", ["createMcpServers.ts", "servers", "auth", "tools", "wire"], ["core/ports", ...ground]),
  ...["providers", "channels", "store", "worktrees"].map((room) => [room, ["core/ports", ...ground]]),
  ["tools", ["tools", "core/ports", "schedule", ...ground]],
  ...floors(
    "tools",
    ["sessions", "skills", "code", "tasks", "search", "shell", "sandbox", "web", "files", "documents", "text"],
    ["core/ports", ...ground],
  ),
  ["browser", ["browser", "core/ports", ...ground]],
  ...floors(
    "browser",
    ["createBrowser.ts", "actions", "page", "session", "process", "inTime.ts"],
    ["core/ports", ...ground],
  ),
  ["config", ["schedule", ...ground]],
  ["client", ["config", ...ground]],
  ...floors(
    "gateway",
    ["createGateway.ts", "listen", "docs", "compat", "ws", "routes", "hooks", "phones", "http", "auth", "calls"],
    ["core", "schedule", ...ground],
  ),
  ...["app", "app.ts"].map((place) => [
    place,
    ["app", "core", "gateway", "client", "config", "schedule", ...siblings, ...ground],
  ]),
  ...floors(
    "cli",
    ["runCli.ts", "runGateway.ts", "runVerbs.ts", "verbs", "doctor", "service", "moving", "terminal"],
    ["app", "app.ts", "client", "config", "schedule", "core/ports", ...ground],
  ),
  ["cli.ts", ["cli"]],
  ...floors(
    "vscode",
    [
      "createWindow.ts",
      "commands.ts",
      "deferred",
      "status",
      "usage",
      "mcp",
      "channels",
      "jobs",
      "approvals",
      "sessions",
      "chat",
      "context",
      "choices",
      "settings",
      "trees",
      "host",
      "documents",
      "knowledge",
      "pages",
      "words",
    ],
    ["app", "app.ts", "core", "gateway", "client", "config", "schedule", ...siblings, ...ground],
  ),
  ["extension.ts", ["app.ts", "vscode", "base", "protocol"]],
  ...floors(
    "webview-ui",
    ["main.tsx", "phone", "panel", "questions", "transcript", "composer", "markdown", "pages", "state", "parts"],
    ["base", "protocol"],
  ),
] as [string, string[]][]);

const entryLimit = 25;
const lineLimit = 400;

export function findStrangeRooms(tree: Tree): string[] {
  return [...tree.keys()]
    .filter((file) => placeOf(file) === undefined)
    .map((file) => `${file} is in no room of the house`);
}

/** Imports of a place above or beside. Who talks to a gateway, the panel too, may take types from it. */
export function findForbiddenImports(tree: Tree): string[] {
  return allImports(tree)
    .filter(({ to }) => /^(src|webview-ui)\/.*\.tsx?$/.test(to))
    .filter(({ from, to, typeOnly }) => {
      const [place = "", other = ""] = [placeOf(from), placeOf(to)];
      if (/^(webview-ui|client)\b/.test(place) && other.startsWith("gateway")) return !typeOnly;
      return place !== other && !(places[place] ?? []).some((allowed) => isWithin(other, allowed));
    })
    .map(({ from, to }) => `${from} imports ${to}`);
}

/** Folders with more in them than a reader takes in at a glance. */
export function findFullFolders(tree: Tree): string[] {
  const entries = new Map<string, Set<string>>();
  for (const file of tree.keys()) {
    const parts = file.split("/");
    parts.forEach((name, at) => {
      const folder = parts.slice(0, at).join("/");
      entries.set(folder, (entries.get(folder) ?? new Set()).add(name));
    });
  }
  return [...entries]
    .filter(([, names]) => names.size > entryLimit)
    .map(([folder, names]) => `${folder} has ${names.size} entries`);
}

/** Files of one name: whoever looks for one finds the other. */
export function findSameNames(tree: Tree): string[] {
  const byName = new Map<string, string[]>();
  for (const file of tree.keys()) {
    const name = file.slice(file.lastIndexOf("/") + 1);
    if (name !== "index.ts") byName.set(name, [...(byName.get(name) ?? []), file]);
  }
  return [...byName.values()].filter((files) => files.length > 1).map((files) => files.join(" and "));
}

export function findEditorImports(tree: Tree): string[] {
  return allImports(tree)
    .filter(({ from, to }) => to === "vscode" && !from.startsWith("src/vscode/") && from !== "src/extension.ts")
    .map(({ from }) => `${from} imports vscode`);
}

/** Rings of imports, types included: a ring of types is as hard to read as any. */
export function findCycles(tree: Tree): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of allImports(tree)) {
    if (tree.has(to)) targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, trail: string[]) => {
    const start = trail.indexOf(file);
    if (start >= 0) found.push([...trail.slice(start), file].join(" -> "));
    if (start >= 0 || done.has(file)) return;
    for (const next of targets.get(file) ?? []) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of tree.keys()) walk(file, []);
  return found;
}

/** What a program makes ("// Written from ...") is as long as it is. */
export function findLongFiles(tree: Tree): string[] {
  return [...tree]
    .filter(([, source]) => !source.startsWith("// Written from "))
    .map(([file, source]) => ({ file, lines: source.trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > lineLimit)
    .map(({ file, lines }) => `${file} has ${lines} lines`);
}

/** Node.js itself asks for ever where a folder is there and takes none. */
export function findEndlessFolders(tree: Tree): string[] {
  return [...tree]
    .filter(
      ([file, source]) => /\bmkdir(Sync)?\([^;]*recursive: true/.test(source) && !file.endsWith("/makeFolders.ts"),
    )
    .map(([file]) => `${file} makes folders without makeFolders`);
}

/** A URL's pathname is no path: a space in it is %20, and on Windows it begins with a slash. */
export function findUrlPaths(tree: Tree): string[] {
  return [...tree]
    .filter(([, source]) => /new URL\([^)]*\b(import\.meta\.url|root)\)\.pathname/.test(source))
    .map(([file]) => `${file} takes a URL's pathname for a path`);
}

/** Programs started by a bare name: the path, or the folder it is started in, chooses which one that is. */
export function findBareStarts(tree: Tree): string[] {
  return [...tree]
    .filter(([, source]) => /\b(spawn|execFile|fork|execSync)(Sync)?\(\s*["'`]/.test(source))
    .map(([file]) => `${file} starts a program by its name`);
}

/** What HOME says, or Node.js of it, may be "", a path of whatever folder is the current one, or an error: homeFolder.ts knows. */
export function findBareHomes(tree: Tree): string[] {
  return [...tree]
    .filter(([file, source]) => /\bhomedir\b|\bHOME\b["'\]]* \?\?/.test(source) && !file.endsWith("/homeFolder.ts"))
    .map(([file]) => `${file} takes what may be no home folder`);
}

/** `import { z }` takes in the whole of zod, several times what is used. */
export function findWholeZod(tree: Tree): string[] {
  return [...tree]
    .filter(([, source]) => /^import\s+(\{[^}]*\bz\b[^}]*\}|z)\s+from\s+["']zod["']/m.test(source))
    .map(([file]) => `${file} imports { z }`);
}

/** Schemas that the panel would carry: it takes types from files with zod, and values from others. */
export function findZodInPanel(tree: Tree): string[] {
  const values = Map.groupBy(
    allImports(tree).filter(({ typeOnly }) => !typeOnly),
    ({ from }) => from,
  );
  const reached = new Set([...tree.keys()].filter((file) => file.startsWith("webview-ui/")));
  for (const file of reached) for (const { to } of values.get(file) ?? []) if (tree.has(to)) reached.add(to);
  return [...reached].filter((file) => values.get(file)?.some(({ to }) => to === "zod"));
}

/** Where the page that stands in no editor has its colours, by the system's light or dark. */
const OWN_COLOURS = "webview-ui/phone/phoneColours.css";

/** Colours that no theme can change. */
export function findRawColours(tree: Tree): string[] {
  const named = "white|black|red|green|blue|yellow|orange|purple|pink|gray|grey|silver|gold|brown|cyan|magenta";
  const raw = new RegExp(`#[0-9a-f]{3,8}\\b|\\b(?:rgba?|hsla?|oklch|lab)\\(|:[^;{]*\\b(?:${named})\\b(?!-)`, "i");
  return [...tree].flatMap(([file, source]) => {
    if (file === OWN_COLOURS) return [];
    const code = source.replaceAll(/\/\*[^]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, " "));
    const lines = code.split("\n").map((line) => line.replaceAll(/--[\w-]+/g, "").replace(/^[^{}]*\{/, "{"));
    return lines.flatMap((line, at) => (raw.test(line) ? [`${file}:${at + 1} ${line.trim()}`] : []));
  });
}

/** "src/core/runs/x.ts" -> "core/runs". */
function placeOf(file: string): string | undefined {
  const path = file.replace(/^src\//, "");
  return Object.keys(places)
    .filter((place) => isWithin(path, place))
    .toSorted((a, b) => b.length - a.length)[0];
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
