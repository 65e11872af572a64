import { expect, test } from "vitest";
import { parseShellLine } from "../../../src/shell/shellLine.ts";
import { commandAsk, protectedWord } from "../../../src/tools/shell/commandAsk.ts";
import { demandShellFolder, shellCall } from "../../../src/tools/shell/shellCall.ts";
import { findShell } from "../../../src/processes/systemShell.ts";

const env = { ProgramFiles: "C:\\Program Files", SYSTEMROOT: "C:\\Windows", Path: "C:\\repo" };
const onWindows = (...there: string[]) =>
  findShell({ platform: "win32", env, isProgram: (path) => there.some((end) => path.endsWith(end)) });

test("PowerShell 7 comes before 5.1, and that before cmd, each from its own place", () => {
  expect([onWindows("pwsh.exe", "powershell.exe"), onWindows("powershell.exe"), onWindows()]).toEqual([
    { name: "PowerShell 7", kind: "powershell", file: "C:\\Program Files\\PowerShell\\7\\pwsh.exe" },
    {
      name: "Windows PowerShell 5.1 (no && or ||)",
      kind: "powershell",
      file: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
    },
    { name: "cmd.exe", kind: "cmd", file: "C:\\Windows\\System32\\cmd.exe" },
  ]);
});

test("elsewhere bash comes before zsh, and sh is always there", () => {
  const shell = (...there: string[]) =>
    findShell({ platform: "darwin", env: {}, isProgram: (path) => there.includes(path) });
  expect(shell("/bin/zsh", "/bin/bash")).toEqual({ name: "bash", kind: "posix", file: "/bin/bash" });
  expect(shell("/bin/zsh")).toEqual({ name: "zsh", kind: "posix", file: "/bin/zsh" });
  expect(shell().file).toBe("/bin/sh");
});

test("PowerShell gives the line's exit code and writes UTF-8, and no line swallows that", () => {
  for (const shell of [onWindows("pwsh.exe"), onWindows("powershell.exe")]) {
    const lines = shellCall("git status # all `", undefined, shell).args.at(-1)!.split("\n");
    expect(lines.join("\n")).toContain("UTF8Encoding");
    expect(lines.slice(-3, -1)).toEqual(["git status # all `", ""]);
    expect(lines.at(-1)).toMatch(
      /^if \(\$\?\) \{ exit 0 \}; if \(.*\$LASTEXITCODE\) \{ exit \$LASTEXITCODE \}; exit 1$/,
    );
  }
});

test("PowerShell 5.1 reads, writes and runs scripts as 7 does; what somebody chose stays", () => {
  const script = (shell: string) => shellCall("npm test", undefined, onWindows(shell)).args.at(-1)!;
  for (const one of ["Out-File", "Set-Content", "Get-Content"]) expect(script("powershell.exe")).toContain(`'${one}'`);
  expect(script("powershell.exe")).toMatch(/-eq 'Restricted'\) \{ Set-ExecutionPolicy RemoteSigned -Scope Process/);
  expect(script("pwsh.exe")).not.toMatch(/ExecutionPolicy|Encoding'/);
  // A quote would have to be told from those that Windows takes words apart by.
  expect(script("powershell.exe")).not.toContain('"');
});

test("cmd is given one line: of more it would run the first, as if that were all", () => {
  expect(() => shellCall("echo one\necho two", undefined, onWindows())).toThrow(/cmd\.exe takes one line; join/);
  expect(shellCall("echo one\r\n", undefined, onWindows()).args.at(-1)).toContain("echo one");
});

test("cmd is started in no network folder, where it would go to C:\\Windows and run the line there", () => {
  expect(() => demandShellFolder("\\\\server\\share\\site", onWindows())).toThrow(/works in no network folder/);
  demandShellFolder("C:\\site", onWindows());
  demandShellFolder("\\\\server\\share\\site", onWindows("powershell.exe"));
});

test("what cmd is given is not quoted again", () => {
  expect(shellCall('echo "a b"', undefined, onWindows())).toEqual({
    file: "C:\\Windows\\System32\\cmd.exe",
    args: ["/d", "/s", "/c", '"chcp 65001 >nul & echo "a b""'],
    verbatim: true,
  });
});

test.each(["powershell", "cmd"] as const)("no line of %s is read: all of it asks", async (dialect) => {
  for (const line of ["ls", "git status", "cat a.txt", "Get-ChildItem"]) {
    expect(parseShellLine(line, dialect)).toMatchObject({
      understood: false,
      reason: expect.stringContaining("not read"),
    });
    const ask = await commandAsk(line, process.cwd(), { access: "read", dialect });
    expect(ask).toMatchObject({ safe: false, protected: false });
    expect(ask.reason).toMatch(
      /not fully understood: it is written for (PowerShell|cmd\.exe), whose lines are not read/,
    );
  }
});

test("a protected path is seen with the separators and quotes of Windows", async () => {
  for (const line of [
    "type .vscode\\settings.json",
    'Get-Content "C:\\Users\\me\\.ssh\\id_rsa"',
    "cat $env:USERPROFILE\\.aws\\credentials",
    "gc .en`v",
    "type .e^nv",
    "Set-Content .\\openclaw.yml x",
  ])
    expect([line, await protectedWord(line, "/work", { dialect: "powershell" })]).toEqual([line, expect.any(String)]);
  expect(await protectedWord("type src\\a.ts", "/work", { dialect: "powershell" })).toBe(undefined);
});
