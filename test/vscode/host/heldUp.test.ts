import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { suite, suiteSetup, test } from "mocha";
import * as vscode from "vscode";
import { longestStretch } from "../../fakes/longestStretch.ts";
import { call, gatewayUrl, until } from "./gateway.ts";

const STREAMS = 4;
const FILES = 5000;
/** The editor says that an extension host hangs after three seconds; what one feels begins here. */
const MOST_MS = 100;

suite("the editor beside the agent", () => {
  suiteSetup(async () => {
    await vscode.extensions.getExtension("pincer-dev.pincer")?.activate();
    await until(() => gatewayUrl() !== undefined);
    const folder = path.join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, "beds");
    await mkdir(folder);
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at} of a bed with carrots`).join("\n");
    // One after the other: to make them all at once would itself hold the editor up.
    for (let at = 0; at < FILES; at++)
      await writeFile(path.join(folder, `bed${at}.txt`), at === FILES - 1 ? `${lines}\nthe last of them\n` : lines);
  });

  test("is not held up by four answers that stream while five thousand files are searched", async () => {
    const text = "word ".repeat(12_000);
    const search = { pattern: "the last of them", path: "beds" };
    let found: Record<string, unknown> = {};
    const streamed: string[] = [];
    const stream = async (at: number) => {
      const { sessionKey } = await call("/api/sessions/create", { title: `Stream ${at}` });
      const answer = await call("/api/sessions/send", { sessionKey, message: text, timeoutSeconds: 60 });
      streamed.push(String(answer["reply"]));
    };
    const longest = await longestStretch(async () => {
      const streams = Promise.all(Array.from({ length: STREAMS }, (_, at) => stream(at)));
      found = await call("/api/sessions/send", { message: `tool:grep ${JSON.stringify(search)}`, timeoutSeconds: 60 });
      await streams;
    });
    assert.match(String(found["reply"]), /bed4999\.txt/);
    assert.deepEqual(
      streamed.map((reply) => reply.trim()),
      Array.from({ length: STREAMS }, () => `Echo: ${text}`.trim()),
    );
    assert.ok(longest < MOST_MS, `Its loop did not turn for ${longest.toFixed(1)} ms of its own work`);
  });
});
