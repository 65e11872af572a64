import { existsSync } from "node:fs";

/** The shell that lines are run in, found once: bash where there is one, for that is what models write. */
export const systemShell: { name: string; file: string } =
  process.platform === "win32"
    ? { name: "PowerShell", file: "powershell.exe" }
    : (["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/opt/homebrew/bin/bash"]
        .filter((file) => existsSync(file))
        .map((file) => ({ name: "bash", file }))[0] ?? { name: "sh (POSIX, no bash here)", file: "/bin/sh" });

/** The program and arguments that run a line in that shell. */
export function shellCall(line: string, within?: { endsTree: boolean }): { file: string; args: string[] } {
  const { file } = systemShell;
  // It needs no watcher there, and none of its descriptors.
  if (within?.endsTree) return { file: "/bin/sh", args: ["-c", 'exec "$0" -c "$1" 3<&-', file, line] };
  if (process.platform === "win32") {
    return { file, args: ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", line] };
  }
  return { file: "/bin/sh", args: ["-c", LEASHED, file, line] };
}

/** Whether a command line is that of the watcher beside a line, which on a busy machine takes a moment to go. */
export function isWatcher(command: string): boolean {
  return command.includes(LEASHED);
}

// The watcher waits on descriptor 3 and ends the group when the other end of it is gone, which is when our process has
// died in whatever way; a line there lets it go. Then the shell becomes the one that runs the line, under the same pid,
// without the descriptor.
const LEASHED = '{ read -r _ <&3 || kill -KILL -$$; } >/dev/null 2>&1 & exec "$0" -c "$1" 3<&-';
