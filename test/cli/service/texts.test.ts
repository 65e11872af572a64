import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFragment, defaultTreeAdapter as tree } from "parse5";
import { describe, expect, onTestFinished, test } from "vitest";
import { toLaunchAgent } from "../../../src/cli/service/launchAgent.ts";
import { toScheduledTask } from "../../../src/cli/service/scheduledTask.ts";
import type { Service } from "../../../src/cli/service/service.ts";
import { toSystemdUnit } from "../../../src/cli/service/systemdUnit.ts";

/** Whatever a folder may be called. */
const ODD = ["a b", `it's "so"`, "50%h$HOME", "R&D <x>", "ü 日本 😀", "back\\slash\\", "semi;#", "-", ""];

const service: Service = {
  name: "pincer",
  words: ["/opt/no de/node", "/opt/cli.mjs", "gateway", ...ODD],
  env: { PATH: "/usr/bin:/opt/50% off/bin", LANG: "de_DE.UTF-8" },
  errors: "/home/a & b/logs/service.log",
};

describe("a unit of systemd", () => {
  test("starts with its user, and again when it fails", () => {
    expect(toSystemdUnit({ words: ["/usr/bin/node", "/opt/cli.mjs"], env: { PATH: "/usr/bin" } })).toBe(
      [
        '# Written by "pincer service install", taken away by "pincer service uninstall".',
        "[Unit]",
        "Description=Pincer, an agent gateway",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=exec",
        "# The colon: a dollar in a path is a dollar.",
        'ExecStart=:"/usr/bin/node" "/opt/cli.mjs"',
        'Environment="PATH=/usr/bin"',
        "WorkingDirectory=~",
        "Restart=on-failure",
        "RestartSec=10",
        "TimeoutStopSec=20",
        "KillMode=mixed",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
      ].join("\n"),
    );
  });

  test("keeps every word as it is", () => {
    const unit = toSystemdUnit(service);
    expect(valueOf(unit, "ExecStart")).toMatch(/^:/);
    expect(systemdWords(valueOf(unit, "ExecStart").slice(1))).toEqual(service.words);
    expect(systemdWords(valueOf(unit, "Environment"))).toEqual(["PATH=/usr/bin:/opt/50% off/bin"]);
  });

  test("starts a program whose path systemd would not take by a shell", () => {
    const words = ["/home/o'brien/node", "a"];
    const started = systemdWords(valueOf(toSystemdUnit({ words, env: {} }), "ExecStart"));
    expect(started).toEqual(["/bin/sh", "-c", 'exec "$0" "$@"', ...words]);
  });

  test.skipIf(!has("systemd-analyze"))("is one to systemd itself", () => {
    const folder = mkdtempSync(join(tmpdir(), "pincer unit "));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [node, file] = [join(folder, `n%o"d $e`), join(folder, "pincer.service")];
    writeFileSync(node, "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(file, toSystemdUnit({ ...service, words: [node, ...ODD] }));
    const runtime = join(folder, "run");
    mkdirSync(runtime, { mode: 0o700 });
    const args = ["-c", 'systemd-analyze --user --man=no verify "$1" 2>&1', "sh", file];
    const said = execFileSync("sh", args, { env: { ...process.env, XDG_RUNTIME_DIR: runtime }, encoding: "utf8" });
    expect(said).not.toContain("pincer.service");
  });
});

describe("a property list of launchd", () => {
  test("holds every word as it is", () => {
    expect(parsePlist(toLaunchAgent(service))).toEqual({
      Label: "dev.pincer.pincer",
      ProgramArguments: service.words,
      EnvironmentVariables: service.env,
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ThrottleInterval: 10,
      ExitTimeOut: 20,
      StandardErrorPath: service.errors,
    });
  });
});

describe("a task of Windows", () => {
  const task = (words: string[]) =>
    toScheduledTask({ words }, { user: "R&D\\Ada <1>", system: "C:\\Windows\\System32" });

  test("is its user's alone, and has no window", () => {
    const text = task(["C:\\no de\\node.exe", ...ODD]);
    expect(elements(text, "userid")).toEqual(["R&D\\Ada <1>", "R&D\\Ada <1>"]);
    expect(elements(text, "command")).toEqual(["C:\\Windows\\System32\\conhost.exe"]);
    const [given] = elements(text, "arguments");
    expect(given).toMatch(/^--headless "/);
    expect(windowsWords(given!.slice("--headless ".length))).toEqual(["C:\\no de\\node.exe", ...ODD]);
  });

  test("runs a batch file through cmd", () => {
    const [given] = elements(task(["C:\\a b\\pincer.cmd", "gateway", "D:\\"]), "arguments");
    expect(given).toBe(
      String.raw`--headless "C:\Windows\System32\cmd.exe" /d /s /c ""C:\a b\pincer.cmd" "gateway" "D:\\""`,
    );
  });
});

const python = ["/usr/bin/python3", "/usr/local/bin/python3"].find((file) => has(file));

test.skipIf(!python)("what stands in XML is XML", () => {
  const check = "import sys,plistlib,xml.dom.minidom as m; m.parseString(sys.stdin.buffer.read())";
  for (const text of [toLaunchAgent(service), toScheduledTask(service, { user: "a&b", system: "C:\\<W>" })])
    // In the file it is UTF-16, as it says.
    execFileSync(python!, ["-c", check], { input: text.replace('encoding="UTF-16"', 'encoding="UTF-8"') });
});

function has(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function valueOf(unit: string, key: string): string {
  return new RegExp(`^${key}=(.*)$`, "m").exec(unit)![1]!;
}

/** As systemd.syntax says: quoted words with escapes of C, and %% for a percent. */
function systemdWords(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => {
    const plain = word!.replaceAll(/\\(.)/g, "$1");
    expect(plain.replaceAll("%%", "")).not.toContain("%");
    return plain.replaceAll("%%", "%");
  });
}

/** As CommandLineToArgvW reads them. */
function windowsWords(line: string): string[] {
  const words: string[] = [];
  let [word, isQuoted, hasWord] = ["", false, false];
  for (let at = 0; at < line.length; at += 1) {
    const slashes = /^\\*/.exec(line.slice(at))![0].length;
    const next = line[at + slashes];
    if (slashes > 0 && next === '"') {
      word += "\\".repeat(Math.floor(slashes / 2));
      at += slashes;
      if (slashes % 2 === 1) word += '"';
      else isQuoted = !isQuoted;
      hasWord = true;
    } else if (line[at] === '"') {
      [isQuoted, hasWord] = [!isQuoted, true];
    } else if (line[at] === " " && !isQuoted) {
      if (hasWord) words.push(word);
      [word, hasWord] = ["", false];
    } else {
      word += line[at];
      hasWord = true;
    }
  }
  return hasWord ? [...words, word] : words;
}

type Node = ReturnType<typeof tree.getChildNodes>[number];

const inner = (node: Node): Node[] => ("childNodes" in node ? tree.getChildNodes(node).filter(tree.isElementNode) : []);
const textOf = (node: Node): string =>
  "childNodes" in node
    ? tree
        .getChildNodes(node)
        .map((child) => (tree.isTextNode(child) ? child.value : textOf(child)))
        .join("")
    : "";

function elements(xml: string, name: string): string[] {
  const all = (node: Node): Node[] => [node, ...inner(node).flatMap(all)];
  return inner(parseFragment(xml) as unknown as Node)
    .flatMap(all)
    .filter((node) => node.nodeName === name)
    .map(textOf);
}

function parsePlist(xml: string): unknown {
  // Readers of HTML know no tag that closes itself.
  const whole = xml.replaceAll(/<(true|false)\/>/g, "<$1></$1>");
  const read = (node: Node): unknown => {
    const parts = inner(node);
    if (node.nodeName === "string") return textOf(node);
    if (node.nodeName === "integer") return Number(textOf(node));
    if (node.nodeName === "array") return parts.map(read);
    if (node.nodeName !== "dict") return node.nodeName === "true";
    return Object.fromEntries(
      parts.flatMap((part, at) => (part.nodeName === "key" ? [[textOf(part), read(parts[at + 1]!)]] : [])),
    );
  };
  const plist = inner(parseFragment(whole) as unknown as Node)[0]!;
  return read(inner(plist)[0]!);
}
