import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { silentLog } from "../../src/base/log.ts";
import type { Agent } from "../../src/core/ports/agent.ts";
import type { ApprovalAsk, Tool, ToolContext, ToolResult } from "../../src/core/ports/tool.ts";
import type { StoredSession } from "../../src/core/ports/storedSession.ts";
import { createDiskFiles } from "../../src/tools/files/diskFiles.ts";

/** The real path of a new temporary folder, filled with files and gone when the test, or all of them, is over. */
export function tempFolder(
  files: Record<string, string | Uint8Array> = {},
  atEnd: (remove: () => void) => void = onTestFinished,
): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pincer-tools-")));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** What a call is given: a session in a folder, the disk, and whatever the test replaces. */
export function toolContext(workspace: string, own: Partial<ToolContext> = {}): ToolContext {
  return {
    session: toolSession("main", workspace),
    runId: "run_1",
    callId: "call_1",
    origin: { via: "panel" },
    workspace,
    files: createDiskFiles(),
    signal: new AbortController().signal,
    progress: () => {},
    log: silentLog,
    agent: noAgent,
    ...own,
  };
}

export function toolSession(key: string, workspace?: string): StoredSession {
  return {
    key,
    kind: key === "main" ? "main" : "isolated",
    ...(workspace ? { workspace } : {}),
    state: "idle",
    usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null },
    messageCount: 0,
    contextTokens: 0,
    createdAt: "2026-11-22T00:00:00.000Z",
    updatedAt: "2026-11-22T00:00:00.000Z",
  };
}

/** Runs a call as the agent does: the input goes through the tool's schema first. */
export async function call<Input>(tool: Tool<Input>, input: unknown, context: ToolContext): Promise<ToolResult> {
  return await (await tool.prepare(tool.input.parse(input), context)).run();
}

/** What a user is asked before a call; undefined when there is nothing to ask. */
export async function askOf<Input>(
  tool: Tool<Input>,
  input: unknown,
  context: ToolContext,
): Promise<ApprovalAsk | undefined> {
  return (await tool.prepare(tool.input.parse(input), context)).ask;
}

const refuse = (): never => {
  throw new Error("This test has no agent");
};

const noAgent: Agent = {
  listSessions: refuse,
  history: refuse,
  session: refuse,
  send: refuse,
  spawn: refuse,
  part: refuse,
  confirmPart: refuse,
  skills: { get: refuse, text: refuse, message: refuse, confirm: refuse },
  wait: refuse,
  steer: refuse,
  cancel: refuse,
  chat: async () => undefined,
  jobs: { list: refuse, add: refuse, update: refuse, remove: refuse, run: refuse },
};
