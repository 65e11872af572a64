import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { setModel } from "../../../src/config/write/setModel.ts";

function place(text?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pincer-model-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "openclaw.yml");
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

const ollama = { ollama: { api: "openai-chat" as const, baseUrl: "http://127.0.0.1:11434/v1" } };
const server = "providers:\n  ollama:\n    api: openai-chat\n    baseUrl: http://127.0.0.1:11434/v1\n";

test.each([
  ["no file", undefined, `${server}model: ollama/qwen3\n`],
  ["only comments", "# mine\n", `# mine\n\n${server}model: ollama/qwen3\n`],
  ["nothing set", "# mine\n{} # Nothing is set\n# more\n", `# mine\n${server}model: ollama/qwen3\n\n# more\n`],
  ["another model", "model: a/b # was best\n", `model: ollama/qwen3 # was best\n${server}`],
  ["an empty mapping", "providers:\nmodel: a/b\n", `model: ollama/qwen3\n${server}`],
  [
    "a server of this name",
    "providers:\n  ollama: { api: openai-chat, baseUrl: http://10.0.0.2:1/v1 } # the big one\n",
    "providers:\n  ollama: { api: openai-chat, baseUrl: http://10.0.0.2:1/v1 } # the big one\nmodel: ollama/qwen3\n",
  ],
])("a model and its server come into a file with %s, and the rest stays", async (_, text, expected) => {
  const path = place(text);
  await setModel(path, "ollama/qwen3", ollama);
  expect(readFileSync(path, "utf8")).toBe(expected);
  await setModel(path, "ollama/qwen3", ollama);
  expect(readFileSync(path, "utf8")).toBe(expected);
});

test.each(["a: [\n", "- a\n", "providers: ollama\n"])(
  "a file with no place for it is left as it is: %j",
  async (text) => {
    const path = place(text);
    await expect(setModel(path, "ollama/qwen3", ollama)).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);

test("a model whose name looks like a variable is named so", async () => {
  const path = place();
  await setModel(path, "ollama/${PATH}");
  expect(readFileSync(path, "utf8")).toBe("model: ollama/$${PATH}\n");
  await setModel(path, "ollama/${PATH}");
  expect(readFileSync(path, "utf8")).toBe("model: ollama/$${PATH}\n");
});
