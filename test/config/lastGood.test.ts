import { expect, test } from "vitest";
import { createConfigReader } from "../../src/config/lastGood.ts";

const files = { user: "/s/openclaw.yml", workspace: "/w/openclaw.yml" };
const LOCAL = 'providers: { local: { api: openai-chat, baseUrl: "http://127.0.0.1:1/v1" } }\n';

/** Each reading of a user's and a workspace's text, one after the other: what is told, and the model. */
function readEach(...texts: [user: string, workspace: string][]) {
  const reader = createConfigReader();
  return texts.map(([user, workspace]) => {
    const now = new Map([
      [files.user, { text: user }],
      [files.workspace, { text: workspace }],
    ]);
    const { problems, untaken, config } = reader.read(files, { env: {} }, now);
    return { told: problems.map(({ file, line }) => `${file}:${line}`), untaken, model: config?.model };
  });
}

test("what makes a file another is not in order for is told once", () => {
  const [, then] = readEach([LOCAL, "model: local/a\n"], ["model: openai/b\n", "model: local/a\n"]);
  expect(then).toEqual({ told: [`${files.workspace}:1`], untaken: [files.workspace], model: "openai/b" });
});

test("of a broken file is told what is wrong now, and no place of what it said before", () => {
  const warned = "model: openai/b\nproviders:\n  openai:\n    apiKey: ${AWAY}\n";
  const [first, then] = readEach([warned, ""], ["model: [\n", ""]);
  expect(first!.told).toEqual([`${files.user}:4`]);
  expect(then).toMatchObject({ untaken: [files.user], model: "openai/b" });
  expect(then!.told).toHaveLength(1);
});
