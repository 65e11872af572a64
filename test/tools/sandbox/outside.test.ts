import { closeSync, openSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { expect, onTestFinished, test, vi } from "vitest";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { innerProgram } from "../../../src/tools/sandbox/innerProgram.ts";
import { tempFolder } from "../toolContext.ts";
import { runCommand } from "./runCommand.ts";

const { sandbox } = await findSandbox();

test.runIf(sandbox?.endsTree)("a home folder among the system's is hidden as any other", async () => {
  const look = "if true; then ls /usr/share/doc | head -n 1; fi";
  expect(await runCommand(tempFolder(), look, "harmless")).not.toBe("(no output)");
  vi.stubEnv("HOME", "/usr/share/doc");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await runCommand(tempFolder(), look, "harmless")).toBe("(no output)");
});

test.runIf(sandbox?.endsTree)("what tools keep beside their programs is seen, but for logins and keys", async () => {
  const home = tempFolder({
    ".local/share/uv/credentials/credentials.toml": "KEY",
    ".local/share/uv/tools/a": "tool",
    ".dotnet/corefx/cryptography/x509stores/my/a.pfx": "KEY",
    ".dotnet/dotnet": "tool",
  });
  vi.stubEnv("HOME", home);
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const consent of ["harmless", "mode"] as const)
    expect(await runCommand(tempFolder(), "if true; then cd; grep -rhs . . | sort; fi", consent)).toBe("tool\ntool");
});

test.runIf(sandbox?.endsTree)("what its starter had open is closed", () => {
  const { file, args } = innerProgram(
    { file: "/bin/bash", args: ["-c", "echo *; ls /proc/self/fd; ls /proc/self/fd/44/"] },
    false,
  );
  const folder = openSync("/etc", "r");
  onTestFinished(() => closeSync(folder));
  const stdio = [...["ignore", "pipe", "pipe"], ...Array.from({ length: 41 }, () => "ignore"), folder] as "pipe"[];
  const { stdout, stderr } = spawnSync(file, args, { cwd: tempFolder(), stdio, encoding: "utf8" });
  // The last is that of ls itself.
  expect(stdout.split("\n")).toEqual(["*", "0", "1", "2", "3", ""]);
  expect(stderr).toContain("44");
});

test.runIf(sandbox?.endsTree)("nothing of the kernel's can be written, by root neither", async () => {
  const look = "find /proc -type f -writable -not -path '/proc/[0-9]*' -not -path '/proc/*self/*' 2>/dev/null";
  for (const consent of ["harmless", "mode"] as const)
    expect(await runCommand(tempFolder(), `if true; then ${look}; echo end; fi`, consent)).toBe("end");
});
