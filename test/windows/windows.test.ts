import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configure, createWindowsBench, onDrive } from "./windowsGateway.ts";

function bench() {
  const made = createWindowsBench();
  mkdirSync(made.state, { recursive: true });
  configure(made, "agent: { approvals: auto }\n");
  return made;
}

test("it serves, and its tools find, read and edit by either separator", async () => {
  const windows = bench();
  mkdirSync(join(windows.workspace, "src"));
  writeFileSync(join(windows.workspace, "src/a.ts"), "hello\r\n");
  const gateway = await windows.start();
  expect(await gateway.tool("find", { pattern: "src\\*.ts" })).toBe("src/a.ts");
  expect(await gateway.tool("grep", { pattern: "hel+o" })).toContain("src/a.ts");
  expect(await gateway.tool("read", { path: onDrive(join(windows.workspace, "src/a.ts")) })).toContain("hello");
  expect(await gateway.tool("edit", { path: "src\\a.ts", oldText: "hello", newText: "bye" })).toContain("src/a.ts");
  expect(readFileSync(join(windows.workspace, "src/a.ts"), "utf8")).toBe("bye\r\n");
});

test("names that Windows reads otherwise, or not at all, are refused as what they are", async () => {
  const gateway = await bench().start();
  const said = [];
  for (const path of ["con.txt", "a.txt::$DATA", "\\\\?\\C:\\a", "\\\\server\\share\\a", "a*b", ".env."])
    said.push(await gateway.tool("read", { path }));
  expect(said).toEqual([
    "con.txt is a device",
    "a.txt::$DATA is an alternate data stream",
    "\\\\?\\C:\\a is a device path",
    "\\\\server\\share\\a is a network path",
    'a*b is no name on Windows, which has no "*" in names',
    ".env. is a name that Windows shortens",
  ]);
});

test("programs that lie in the workspace are not run in place of the system's", async () => {
  const windows = bench();
  // Whatever it is called by, it complains of the words that PowerShell, rg and git are given.
  for (const name of ["powershell", "pwsh", "cmd", "rg", "git", "taskkill"])
    copyFileSync(process.env["PINCER_WINDOWS_NODE"]!, join(windows.workspace, `${name}.exe`));
  writeFileSync(join(windows.workspace, "a.txt"), "needle\n");
  const gateway = await windows.start();
  expect(await gateway.tool("exec", { command: "git status" })).not.toMatch(/bad option/);
  const found = await gateway.tool("grep", { pattern: "needle" });
  expect(found).toContain("a.txt");
  expect(found).not.toMatch(/rg failed/);
});

test("a token is rotated, and after kill -9 the gateway starts again with what it had", async () => {
  const windows = bench();
  const gateway = await windows.start();
  expect(await gateway.call("/api/sessions/create", { title: "Kept" })).toMatchObject({ status: 200 });
  const rotated = await gateway.call("/api/gateway/token/rotate", {});
  expect(rotated).toMatchObject({ status: 200, body: { token: expect.any(String) } });
  await gateway.kill();
  const again = await windows.start();
  expect(again.token).toBe((rotated.body as { token: string }).token);
  expect(await again.tool("sessions_list", {})).toContain('"Kept"');
});
