import { dirname, join } from "node:path";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { realPath } from "../../base/files/realPath.ts";
import { stateFolders } from "../../rules/protectedState.ts";
import { programFolders, TOOL_PLACES } from "./homePlaces.ts";
import type { Confinement, Sandbox } from "./sandbox.ts";

/** macOS: a profile that the kernel holds a program and its descendants to, given to `sandbox-exec`. */
export function sandboxExec(file: string): Sandbox {
  return {
    kind: "sandbox-exec",
    gate: "port",
    endsTree: false,
    async confine(program, confinement, env) {
      // The kernel looks at real paths: of /var/folders, or of a home folder that is a link, a rule would never fit.
      const home = realPath(homeFolder(env));
      const shown = [...TOOL_PLACES.map((name) => join(home, name)), ...(await programFolders(env.PATH ?? "", home))];
      const profile = seatbeltProfile(confinement, { home, shown, temporary: env.TMPDIR && realPath(env.TMPDIR) });
      return { file, args: ["-p", profile, program.file, ...program.args] };
    },
  };
}

export const trialProfile = "(version 1)(allow default)(deny network*)";

interface Places {
  home: string;
  /** Folders of the home folder that may be read. */
  shown: string[];
  /** The user's folder for temporary files. */
  temporary?: string | undefined;
}

/** The text of a profile. Of two rules that fit, the later one counts. */
export function seatbeltProfile(confinement: Confinement, { home, shown, temporary }: Places): string {
  const { workspace, strength, network, readable = [], hidden, fixed } = confinement;
  // Of an account that the system does not know it is the whole disk.
  const own = home === "/" ? [] : [home];
  const written = strength === "working" ? [workspace, ...(temporary === undefined ? [] : [temporary])] : [];
  return [
    "(version 1)",
    "(deny default)",
    "(allow process-fork process-exec)",
    "(allow signal process-info* (target same-sandbox))",
    "(allow sysctl-read file-read-metadata)",
    '(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo" "com.apple.system.notification_center"))',
    "(allow file-read*)",
    `(deny file-read* ${["/Users", "/Volumes", "/private/tmp", "/private/var/folders", ...own, ...stateFolders()].map(subpath).join(" ")})`,
    `(allow file-read* ${[...shown, ...readable, workspace, ...written].map(subpath).join(" ")})`,
    `(allow file-read-metadata ${ancestors(workspace).map(literal).join(" ")})`,
    `(deny file-read* ${["/private/etc/master.passwd", "/private/etc/sudoers", "/private/var/db", "/private/var/log"].map(subpath).join(" ")})`,
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/dtracehelper"))',
    ...(written.length > 0 ? [`(allow file-write* ${written.map(subpath).join(" ")})`] : []),
    ...(fixed.length > 0 && strength === "working" ? [`(deny file-write* ${fixed.map(subpath).join(" ")})`] : []),
    ...(hidden.length > 0
      ? [`(deny file-read* file-write* ${hidden.map(({ path }) => subpath(path)).join(" ")})`]
      : []),
    ...networkLines(network),
    "",
  ].join("\n");
}

function networkLines(network: Confinement["network"]): string[] {
  if (network === "all")
    return ["(allow network*)", "(allow system-socket)", '(allow mach-lookup (global-name "com.apple.dnssd.service"))'];
  if (network === "none" || !("port" in network)) return ["(deny network*)"];
  return [
    "(deny network*)",
    "(allow system-socket)",
    `(allow network-outbound (remote ip "localhost:${network.port}"))`,
  ];
}

function subpath(path: string): string {
  return `(subpath ${quoted(path)})`;
}

function literal(path: string): string {
  return `(literal ${quoted(path)})`;
}

function quoted(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function ancestors(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [...ancestors(above), path];
}
