import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, suiteSetup, test } from "mocha";
import * as vscode from "vscode";
import { gatewayUrl, until } from "./gateway.ts";

suite("the editor's other agents", () => {
  suiteSetup(async () => {
    await vscode.extensions.getExtension("pincer-dev.pincer")?.activate();
    await until(() => gatewayUrl() !== undefined);
  });

  test("spawn a sub-agent, read its session, and keep jobs", async () => {
    const spawned = await use("pincer_spawn", { task: "2+3?", label: "sum" });
    assert.equal(spawned["status"], "ok", JSON.stringify(spawned));
    assert.match(JSON.stringify(spawned), /Echo: 2\+3\?/);
    const { sessions } = (await use("pincer_history", {})) as { sessions: { key: string; title?: string }[] };
    const own = sessions.find(({ title }) => title === "sum");
    assert.ok(own);
    assert.match(JSON.stringify(await use("pincer_history", { sessionKey: own.key })), /Echo: 2\+3\?/);
    const schedule = { kind: "every", everyMs: 3_600_000 };
    const { job } = (await use("pincer_cron", { action: "add", name: "n", schedule, message: "hi" })) as {
      job: { id: string };
    };
    assert.match(JSON.stringify(await use("pincer_cron", { action: "list" })), new RegExp(job.id));
    await use("pincer_cron", { action: "remove", jobId: job.id });
    assert.doesNotMatch(JSON.stringify(await use("pincer_cron", { action: "list" })), new RegExp(job.id));
    await assert.rejects(use("pincer_cron", { action: "run" }), /needs jobId/);
    await assert.rejects(use("pincer_history", { sessionKey: "nowhere" }), /No session/);
  });

  test("find Pincer in .mcp.json, once it was put there, with no token", async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    await vscode.commands.executeCommand("pincer.addToMcpJson");
    const text = readFileSync(`${folder.uri.fsPath}/.mcp.json`, "utf8");
    const { mcpServers } = JSON.parse(text) as { mcpServers: { pincer: { command: string; args: string[] } } };
    assert.match(mcpServers.pincer.command, /bin\/pincer$/);
    assert.deepEqual(mcpServers.pincer.args, ["mcp", "serve", "--state", process.env.PINCER_HOME]);
    assert.deepEqual(Object.keys(mcpServers.pincer), ["command", "args"]);
    await vscode.commands.executeCommand("pincer.addToMcpJson");
    assert.equal(readFileSync(`${folder.uri.fsPath}/.mcp.json`, "utf8"), text);
  });
});

async function use(name: string, input: object): Promise<Record<string, unknown>> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return JSON.parse((content[0] as vscode.LanguageModelTextPart).value) as Record<string, unknown>;
}
