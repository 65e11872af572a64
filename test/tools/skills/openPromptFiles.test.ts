import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPromptFiles } from "../../../src/tools/skills/openPromptFiles.ts";
import { tempFolder } from "../toolContext.ts";

const REVIEW =
  "---\ndescription: Looks at a change\nagent: agent\nmodel: GPT-4o\ntools: [search]\nargument-hint: a path\n---\nLook at ${input:path}.";

test("prompts are read from the folders that have them, the user's own before a workspace's", async () => {
  const workspace = tempFolder({
    ".github/prompts/review.prompt.md": REVIEW,
    ".github/prompts/notes.md": "no prompt",
    ".pincer/prompts/fix it.md": "Mend $ARGUMENTS.",
    ".pincer/prompts/mine.prompt.md": "Theirs.",
  });
  const state = tempFolder({ "prompts/mine.md": "---\nname: mine\n---\nMy own." });
  const prompts = await openPromptFiles({ stateDir: state }).list(workspace);
  expect(prompts).toEqual([
    { name: "mine", description: "", from: "user", path: join(state, "prompts/mine.md"), body: "My own.", notes: [] },
    {
      ...{ name: "review", description: "Looks at a change", argumentHint: "a path", from: "workspace" },
      path: join(workspace, ".github/prompts/review.prompt.md"),
      body: "Look at ${input:path}.",
      notes: ['Means nothing here: "agent", "model", "tools"'],
    },
    expect.objectContaining({ name: "fix-it", body: "Mend $ARGUMENTS." }),
    expect.objectContaining({
      name: "mine",
      problem: `${join(state, "prompts/mine.md")} has the same name, and goes before`,
    }),
  ]);
  expect((await openPromptFiles({ stateDir: state }).list(undefined)).map(({ name }) => name)).toEqual(["mine"]);
  expect(await openPromptFiles({ stateDir: join(state, "nowhere") }).list(join(state, "nowhere"))).toEqual([]);
});

test("a folder of more prompts than are looked at says so", async () => {
  const files = Array.from(
    { length: 203 },
    (_, index) => [`prompts/p${1000 + index}.md`, "---\nname:\n---\nx"] as const,
  );
  const prompts = await openPromptFiles({ stateDir: tempFolder(Object.fromEntries(files)) }).list(undefined);
  expect(prompts.filter(({ problem }) => problem !== undefined)).toMatchObject([
    { name: "prompts", problem: "3 more files are not looked at: it may have 200" },
  ]);
  expect(prompts).toHaveLength(201);
});

test.skipIf(process.platform === "win32")(
  "what cannot be used says why; no link leads out, no pipe is waited for",
  async () => {
    const workspace = tempFolder({
      ".pincer/prompts/a-empty.md": "---\ndescription: d\n---\n",
      ".pincer/prompts/b-broken.md": "---\nx: [\n---\ny",
      ".pincer/prompts/c-large.md": "x".repeat(70_000),
      ".pincer/prompts/d-name.md": "---\nname: ../up\n---\nx",
      ".pincer/prompts/e-type.md": "---\ndescription: [a]\n---\nx",
      ".pincer/prompts/f.md/x": "a folder",
    });
    const folder = join(workspace, ".pincer/prompts");
    const secret = join(tempFolder({ secret: "key" }), "secret");
    symlinkSync(secret, join(folder, "g-link.md"));
    symlinkSync("nowhere", join(folder, "h-dead.md"));
    execFileSync("mkfifo", [join(folder, "i-pipe.md")]);
    writeFileSync(join(folder, "j-bytes.md"), Buffer.from([0, 1]));
    const prompts = await openPromptFiles({ stateDir: workspace }).list(workspace);
    expect(
      prompts.map(({ name, problem }) => `${name}: ${problem?.replaceAll(workspace, "").replace(/ at line.*/, "")}`),
    ).toEqual([
      "a-empty: It says nothing",
      expect.stringMatching(/^b-broken: Its head is not YAML: /),
      "c-large: It has 70000 bytes, and may have 65536",
      'd-name: Its name "../up" is not of letters, digits, - and _, 64 at most'.replace("../", "-/"),
      "e-type: description: Expected text, but a list is given",
      "f: /.pincer/prompts/f.md is a folder",
      "g-link: It is a link that leads out of the workspace",
      expect.stringMatching(/^h-dead: ENOENT/),
      "i-pipe: /.pincer/prompts/i-pipe.md is not a regular file",
      "j-bytes: It is no text",
    ]);
  },
);
