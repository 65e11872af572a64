import { copyFileSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
  const shells = ["powershell", "pwsh", "cmd", "rg", "git", "taskkill", "netstat", "tasklist", "schtasks"];
  const program = join(windows.workspace, "node.exe");
  copyFileSync(process.env["PINCER_WINDOWS_NODE"]!, program);
  for (const name of [...shells, "chrome", "msedge", "chromium", "google-chrome"])
    linkSync(program, join(windows.workspace, `${name}.exe`));
  writeFileSync(join(windows.workspace, "a.txt"), "needle\n");
  const gateway = await windows.start();
  expect(await gateway.tool("exec", { command: "git status" })).not.toMatch(/bad option/);
  const found = await gateway.tool("grep", { pattern: "needle", glob: "*.txt" });
  expect(found).toContain("a.txt");
  expect(found).not.toMatch(/rg failed/);
});

test("what an old program wrote is read and kept: UTF-16, quotes of Windows-1252, a byte order mark, ends of lines", async () => {
  const windows = bench();
  const put = (name: string, bytes: Buffer) => writeFileSync(join(windows.workspace, name), bytes);
  const bytes = (name: string) => readFileSync(join(windows.workspace, name));
  put("wide.txt", Buffer.from("\uFEFFgr\u00fc\u00dfe\r\n", "utf16le"));
  put("ansi.txt", Buffer.from("\x93caf\xe9\x94 \x80 5\r\n", "latin1"));
  put("mark.txt", Buffer.from("\uFEFFone\r\ntwo\r\n"));
  const gateway = await windows.start();
  const edit = (path: string, oldText: string, newText: string) => gateway.tool("edit", { path, oldText, newText });
  expect(await gateway.tool("read", { path: "ansi.txt" })).toContain("\u201ccaf\u00e9\u201d \u20ac 5");
  expect(await edit("ansi.txt", "\u20ac 5", "\u20ac 6 \u2013")).toContain("windows-1252");
  expect(await edit("wide.txt", "gr\u00fc\u00dfe", "\u2190")).toContain("utf-16le");
  expect(await edit("mark.txt", "one\ntwo", "1\n2")).toContain("line 1");
  expect(bytes("ansi.txt")).toEqual(Buffer.from("\x93caf\xe9\x94 \x80 6 \x96\r\n", "latin1"));
  expect(bytes("wide.txt")).toEqual(Buffer.from("\uFEFF\u2190\r\n", "utf16le"));
  expect(bytes("mark.txt")).toEqual(Buffer.from("\uFEFF1\r\n2\r\n"));
  expect(await edit("mark.txt", "2", "\u00fc\u6587")).toContain("line 2");
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

test("a state folder and a workspace deeper than 260 characters serve, and files in them are found, made and changed", async () => {
  const windows = createWindowsBench();
  const deep = Array.from({ length: 9 }, (_, at) => `${at} ${"a long name of a folder ".repeat(2).trim()}`).join("/");
  const long = {
    ...windows,
    state: join(windows.state, deep),
    workspace: join(windows.workspace, deep),
  };
  for (const folder of [long.state, long.workspace]) mkdirSync(folder, { recursive: true });
  configure(long, "agent: { approvals: auto }\n");
  writeFileSync(join(long.workspace, "a.txt"), "needle\n");
  const gateway = await windows.start(long);
  expect(onDrive(join(long.workspace, "a.txt")).length).toBeGreaterThan(400);
  expect(await gateway.tool("read", { path: "a.txt" })).toContain("needle");
  expect(await gateway.tool("find", { pattern: "*.txt" })).toBe("a.txt");
  expect(await gateway.tool("grep", { pattern: "needle" })).toContain("a.txt:1:needle");
  expect(await gateway.tool("write", { path: "sub/b.txt", content: "made" })).toContain("b.txt");
  expect(await gateway.tool("edit", { path: "a.txt", oldText: "needle", newText: "thread" })).toContain("line 1");
  expect(readFileSync(join(long.workspace, "a.txt"), "utf8")).toBe("thread\n");
  expect(await gateway.tool("read", { path: onDrive(join(long.workspace, "sub/b.txt")) })).toContain("made");
  expect(await gateway.call("/api/gateway/token/rotate", {})).toMatchObject({ status: 200 });
});
