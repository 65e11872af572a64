import { beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { jobCommands } from "../../../src/vscode/jobs/jobCommands.ts";
import { agentCommands } from "../../../src/vscode/sessions/agentCommands.ts";
import { skillCommands } from "../../../src/vscode/sessions/skillCommands.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen, Uri, window as editor, workspace } from "../editor/vscode.ts";

// Loaded here, so that no test waits for that.
beforeAll(async () => void (await import("../../../src/app.ts")));

beforeEach(() => void openScreen());

const openFolders = (...paths: string[]) =>
  Object.assign(workspace, { workspaceFolders: paths.map((path) => ({ uri: Uri.file(path) })) });

interface Place {
  workspace?: string;
}

const own = { name: "tidy", description: "Tidies", from: "user", confirmed: true, hash: "h0", path: "/home/tidy" };

/** What a folder lists: what is the user's, and one of its own that waits for a word. */
const listed = ({ workspace: folder }: Place) => [
  own,
  ...(folder === undefined
    ? []
    : [
        { ...own, name: "plant", from: "workspace", confirmed: false, hash: `h of ${folder}`, path: `${folder}/plant` },
      ]),
];

const gatewayOf = () =>
  createEdgeGateway({
    "skills.list": (place: Place) => ({ skills: listed(place) }),
    "skills.get": ({ workspace: folder }: Place) => ({ text: `of ${folder}`, path: `${folder}/plant` }),
    "skills.confirm": {},
    "agents.list": (place: Place) => ({ agents: listed(place) }),
    "agents.confirm": {},
    "cron.add": {},
  });

test.each([
  ["skills", skillCommands["pincer.showSkills"]!, "Skills", "skills.confirm"],
  ["agents", agentCommands["pincer.showAgents"]!, "Agents", "agents.confirm"],
] as const)(
  "%s of every folder of the window are listed, and confirmed for theirs",
  async (_, command, title, call) => {
    openFolders("/work/beds", "/work/house");
    // By its icon: its name stands behind both.
    openScreen([
      [new RegExp(title), "plant"],
      [/^Let /, "Use It"],
    ]);
    const gateway = gatewayOf();
    const texts: string[] = [];
    const documents = { openText: async (_name: string, text: string) => void texts.push(text) };
    const { window } = createEdgeWindow(gateway, { documents });
    await command(window);
    expect(screen.asked[0]!.choices).toEqual(
      ["$(lightbulb) tidy", "$(question) plant", "$(question) plant"].map((label) =>
        title === "Agents" ? label.replace("lightbulb", "person") : label,
      ),
    );
    expect(gateway.calls.at(-1)).toEqual([call, { name: "plant", hash: "h of /work/beds", workspace: "/work/beds" }]);
  },
);

test.each([
  [
    ["/work/beds", "/work/house"],
    [undefined, "of the workspace, waits for your word · beds", "of the workspace, waits for your word · house"],
  ],
  [["/work/beds"], [undefined, "of the workspace, waits for your word"]],
  [[], [undefined]],
])("a row names its folder where there are several: %j", async (folders, words) => {
  openFolders(...folders);
  const rows: (string | undefined)[] = [];
  const { window } = createEdgeWindow(gatewayOf());
  const { showQuickPick } = editor;
  onTestFinished(() => void Object.assign(editor, { showQuickPick }));
  Object.assign(editor, {
    showQuickPick: async (items: { description: string; skill: { from: string } }[]) =>
      void rows.push(...items.map(({ description, skill }) => (skill.from === "user" ? undefined : description))),
  });
  await skillCommands["pincer.showSkills"]!(window);
  expect(rows).toEqual(words);
});

const ANSWERS: [RegExp, string][] = [
  [/\(1\/4\)/, "Water"],
  [/\(3\/4\)/, "Water the beds"],
];

/** Adds a job; what the gateway was given, with the folder that was chosen. */
async function add(target: string, ...folder: [RegExp, string][]) {
  const gateway = gatewayOf();
  openScreen([...ANSWERS, [/\(4\/4\)/, target], ...folder]);
  const added = jobCommands["pincer.addJob"](createEdgeWindow(gateway, { sessions: { rows: new Map() } }).window);
  await expect.poll(() => screen.boxes.length).toBe(1);
  screen.boxes[0]!.accept();
  await added;
  return gateway.calls.filter(([name]) => name === "cron.add").map(([, input]) => (input as { job: object }).job);
}

test("a job works in the folder that is chosen for it, and in the only one unasked", async () => {
  openFolders("/work/beds", "/work/house");
  const asks = /its folder/;
  expect(await add("A new session each time", [asks, "house"])).toMatchObject([{ workspace: "/work/house" }]);
  expect(await add("A new session each time")).toEqual([]);
  openFolders("/work/beds");
  expect(await add("A new session each time")).toMatchObject([{ workspace: "/work/beds" }]);
  openFolders();
  const [job] = await add("A new session each time");
  expect(job).not.toHaveProperty("workspace");
  expect(screen.asked.filter(({ text }) => asks.test(text))).toEqual([]);
});
