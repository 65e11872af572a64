import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { Command } from "commander";
import { onTestFinished } from "vitest";
import { isAppError } from "../../../src/base/appError.ts";
import type { OwnProgram } from "../../../src/cli/service/gatewayService.ts";
import type { Ran, ServiceMachine } from "../../../src/cli/service/serviceMachine.ts";
import { serviceCommand } from "../../../src/cli/verbs/gateway/serviceVerb.ts";

/** A user's home on some system, whose own programs say what a test wants. */
export interface FakeMachine {
  home: string;
  state: string;
  /** Commands as they were run, as in "systemctl --user daemon-reload". */
  ran: string[];
  /** The texts of files that commands were given. */
  files: string[];
  /** What the system's programs say: the longest beginning counts, and what is not named succeeds in silence. */
  answers: Record<string, Ran | string>;
  env: Record<string, string | undefined>;
  program: OwnProgram;
  patienceMs: number;
  /** Resolves with what was printed, or with the code and sentence of the failure. */
  pincer(...args: string[]): Promise<string>;
}

export function createFakeMachine(platform: NodeJS.Platform, uid: number | undefined = 1000): FakeMachine {
  const home = mkdtempSync(join(tmpdir(), "pincer-service "));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const machine: FakeMachine = {
    home,
    state: join(home, ".pincer"),
    ran: [],
    files: [],
    answers: {},
    env: { PATH: "/usr/bin:./bin:/opt/tools:/usr/bin", LANG: "de_DE.UTF-8", ANTHROPIC_API_KEY: "sk-ant-secret" },
    program: { node: process.execPath, cli: import.meta.filename, isEditor: false },
    patienceMs: 0,
    async pincer(...args) {
      let text = "";
      const stream = new Writable({
        decodeStrings: false,
        write(chunk, _, done) {
          text += String(chunk);
          done();
        },
      });
      const io = { env: machine.env, stdin: Readable.from([]), stdout: stream, stderr: stream };
      const root = new Command("pincer").addCommand(
        serviceCommand(io, toMachine(machine, platform, uid), machine.program),
      );
      try {
        await root.parseAsync(["service", ...args], { from: "user" });
        return text;
      } catch (error) {
        if (!isAppError(error)) throw error;
        return `${error.code}: ${error.message}`;
      }
    },
  };
  return machine;
}

function toMachine(fake: FakeMachine, platform: NodeJS.Platform, uid: number | undefined): ServiceMachine {
  const { home, env, ran, files } = fake;
  return {
    platform,
    uid,
    user: "ada",
    home,
    env,
    patienceMs: fake.patienceMs,
    async run(name, args) {
      const line = [name, ...args].join(" ");
      ran.push(line);
      for (const file of args.filter((arg) => arg.endsWith(".xml"))) files.push(readFileSync(file, "utf16le"));
      const [, said = ""] =
        Object.entries(fake.answers)
          .filter(([beginning]) => line.startsWith(beginning))
          .toSorted(([a], [b]) => b.length - a.length)[0] ?? [];
      return typeof said === "string" ? { code: 0, output: said } : said;
    },
  };
}
