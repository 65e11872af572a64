import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import type { GatewayFile } from "../../src/config/stateFolder.ts";

/** A folder with a state folder and a workspace, and the built gateway over them, as a program of Windows. */
export interface WindowsBench {
  state: string;
  workspace: string;
  /** Over other folders than its own, where they are given. */
  start(over?: Pick<WindowsBench, "state" | "workspace">): Promise<WindowsGateway>;
}

export interface WindowsGateway extends GatewayFile {
  call(path: string, body: unknown): Promise<{ status: number; body: unknown }>;
  /** What a tool says, or why it says nothing. */
  tool(name: string, args: Record<string, unknown>): Promise<string>;
  kill(): Promise<void>;
}

export function createWindowsBench(): WindowsBench {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-windows-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const own = { state: join(folder, "state"), workspace: mkdtempSync(join(folder, "work ")) };
  const start = async ({ state, workspace } = own): Promise<WindowsGateway> => {
    rmSync(join(state, "gateway.json"), { force: true });
    // To files: a pipe of this system is none that it can write to.
    const [out, err] = ["out", "err"].map((name) => openSync(join(folder, name), "a"));
    const words = ["gateway", "--state", onDrive(state), "--workspace", onDrive(workspace), "--port", "0"];
    const child = spawn("wine", [process.env["PINCER_WINDOWS_NODE"]!, onDrive(resolve("dist/cli.mjs")), ...words], {
      // No program is started in a folder as deep as some of the others.
      cwd: own.workspace,
      stdio: ["ignore", out!, err!],
    });
    const ended = once(child, "exit");
    onTestFinished(() => void child.kill("SIGKILL"));
    const gateway = await untilPublished(join(state, "gateway.json"), child, () =>
      readFileSync(join(folder, "err"), "utf8"),
    );
    const call = async (path: string, body: unknown) => {
      const response = await fetch(gateway.url + path, {
        method: "POST",
        headers: { authorization: `Bearer ${gateway.token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as unknown };
    };
    return {
      ...gateway,
      call,
      async tool(tool, args) {
        const { body } = await call("/tools/invoke", { tool, args });
        const said = body as { result?: { content: { text: string }[] }; error?: { message: string } };
        return said.result?.content.map(({ text }) => text).join("\n") ?? said.error!.message;
      },
      async kill() {
        child.kill("SIGKILL");
        await ended;
      },
    };
  };
  return { ...own, start };
}

/** A path as it is called there. */
export function onDrive(path: string): string {
  return `Z:${path.replaceAll("/", "\\")}`;
}

async function untilPublished(
  file: string,
  child: { exitCode: number | null },
  said: () => string,
): Promise<GatewayFile> {
  while (child.exitCode === null) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as GatewayFile;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The gateway ended (${child.exitCode}): ${said()}`);
}

export function configure(bench: WindowsBench, text: string): void {
  writeFileSync(join(bench.state, "openclaw.yml"), text);
}
