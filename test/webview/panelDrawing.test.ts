import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import * as fc from "../property.ts";
import { openPanels, transcript } from "./panels.ts";
import { say } from "./scenes.ts";
import type { FakeGateway } from "./fakeGateway.ts";

const withPanel = openPanels();

const CODE = Array.from(
  { length: 400 },
  (_, at) => `const row${at} = "</code>" + ${at}; /* over\n  lines ${at} */\n`,
).join("");
const LIST = Array.from({ length: 400 }, (_, at) => `${at % 3 === 0 ? "" : "  "}- item **${at}** and [later]\n`).join(
  "",
);
const PARTS = [
  "One paragraph with **weight**, `code` and [a link](src/a.ts#L3).\n\n",
  "- one\n- two\n  - three\n\n    more of three\n- [x] four\n\n",
  "1. first\n2. second\n\n   ```ts\n   const a = 1;\n   ```\n\n",
  "```python\ndef total(rows):\n    return sum(rows)\n```\n\n",
  "| Name | Count |\n| :-: | --: |\n| a | 12 |\n| `b` | 3 |\n\n",
  "> quoted\n> > twice\n\n",
  "# A heading\ntext right below\n---\n\n",
  "See [later] and [nowhere].\n\n",
  "[later]: https://example.com/later\n\n",
  "<b>no html</b> &amp; $x_1 * y_1$ ![pixel](https://example.com/p.png)\n\n",
  "    indented code\n\n",
];

/** The last message as it is drawn, once all of each is: while others have their turn it stands still. */
const drawing = (page: Page): Promise<string> =>
  page.evaluate(`(async () => {
    const all = () => [...document.querySelectorAll(".assistant .markdown, .user-text")];
    for (let still = 0, before = ""; still < 10;) {
      await new Promise(requestAnimationFrame);
      const now = all().map((each) => each.outerHTML).join("");
      still = now === before && now !== "" ? still + 1 : 0;
      before = now;
    }
    return [...document.querySelectorAll(".assistant .markdown")].at(-1).outerHTML;
  })()`);

async function tell(gateway: FakeGateway, runId: string, text: string): Promise<void> {
  await gateway.emit(runId, { type: "text.delta", text });
}

test("a message that came in pieces is, node for node, the one that is drawn at once", () =>
  withPanel({ prepare: (made) => made.addSession({ key: "other", title: "Other" }) }, async ({ page, gateway }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...PARTS, `\`\`\`ts\n${CODE}\`\`\`\n\n`, `${LIST}\n`), {
          minLength: 1,
          maxLength: 25,
        }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 12 }),
        async (parts, places) => {
          const text = parts.join("");
          const ends = [...places.map((place) => Math.floor(place * text.length)), text.length].sort((a, b) => a - b);
          const run = gateway.submit("main", "Go on");
          for (const [at, end] of ends.entries()) await tell(gateway, run.id, text.slice(ends[at - 1] ?? 0, end));
          await gateway.emit(run.id, say(text));
          await gateway.finish(run.id, { type: "done", reply: text });
          const streamed = await drawing(page);
          await gateway.say({ event: "open", sessionKey: "other" });
          await page.locator(".assistant").first().waitFor({ state: "detached" });
          await gateway.say({ event: "open", sessionKey: "main" });
          await page.locator(".assistant .block").last().waitFor();
          await expect.poll(() => drawing(page)).toBe(streamed);
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  }));

test("what is selected in a message stays so while more of it comes, also in the block that grows", () =>
  withPanel({}, async ({ page, gateway }) => {
    const run = gateway.submit("main", "Go on");
    await tell(gateway, run.id, "The first words.\n\nThe second block has **heavy words** and begins to ");
    await page.getByText("begins to").waitFor();
    await page.evaluate(`(() => {
      const text = [...document.querySelectorAll(".assistant .block")].at(-1).querySelector("p").lastChild;
      getSelection().setBaseAndExtent(document.querySelector(".assistant .block p").firstChild, 4, text, 11);
    })()`);
    const selected = () => page.evaluate<string>("getSelection().toString()");
    const before = await selected();
    expect(before).toBe("first words.\n\nThe second block has heavy words and begins");
    for (const text of ["grow, ", "and `grows` on", ".\n\n- a list\n", "- with items\n\n```ts\nconst a = 1;\n```\n"])
      await tell(gateway, run.id, text);
    await page.locator(".assistant .hljs-keyword").waitFor();
    expect(await selected()).toBe(before);
    await gateway.emit(
      run.id,
      say(
        "The first words.\n\nThe second block has **heavy words** and begins to grow, and `grows` on.\n\n- a list\n- with items\n\n```ts\nconst a = 1;\n```\n",
      ),
    );
    await page.locator(".assistant.open").waitFor({ state: "detached" });
    expect(await selected()).toBe(before);
  }));

test("code is copied, and selected, as it stands, while it grows and once it is coloured", () =>
  withPanel({}, async ({ page, gateway }) => {
    const run = gateway.submit("main", "Code");
    const half = CODE.slice(0, CODE.length / 2);
    await tell(gateway, run.id, `\`\`\`ts\n${half}`);
    const copies = () => gateway.callsOf("editor.copy");
    const copied = async () => {
      const { length } = copies();
      await page.locator(".code").hover();
      await page.locator(".code [data-action=copy]").click();
      await expect.poll(() => copies().length).toBe(length + 1);
      return (copies().at(-1) as { text: string }).text;
    };
    await drawing(page);
    expect(await copied()).toBe(half.replace(/\n$/, ""));
    await tell(gateway, run.id, `${CODE.slice(CODE.length / 2)}\`\`\`\n`);
    await expect
      .poll(() => page.locator(".code pre").evaluate((pre) => (pre.textContent ?? "").length))
      .toBe(CODE.length - 1);
    await drawing(page);
    expect(await copied()).toBe(CODE.slice(0, -1));
    const selected = await page.evaluate<string>(
      "(() => { getSelection().selectAllChildren(document.querySelector('.code code')); return getSelection().toString(); })()",
    );
    expect(selected.trimEnd()).toBe(CODE.trimEnd());
  }));

test("columns of a table stand as they were told to", () =>
  withPanel({}, async ({ page, gateway }) => {
    const run = gateway.submit("main", "Table");
    await gateway.emit(run.id, say("| a | b | c |\n| :- | :-: | -: |\n| d | e | f |"));
    const cells = page.locator(".assistant td");
    await cells.first().waitFor();
    const aligned = await page.evaluate(
      "[...document.querySelectorAll('.assistant td')].map((cell) => getComputedStyle(cell).textAlign)",
    );
    expect(aligned).toEqual(["left", "center", "right"]);
  }));

test("a long message is read at its end when it is opened, and all of it is there", () =>
  withPanel({ prepare: (made) => made.addSession({ key: "long", title: "Long" }) }, async (panel) => {
    const { page, gateway } = panel;
    const text = Array.from({ length: 900 }, (_, at) => `Paragraph ${at} of the answer, which is long.\n\n`).join("");
    const run = gateway.submit("long", "Go on");
    await gateway.emit(run.id, say(text));
    await gateway.finish(run.id, { type: "done", reply: text });
    await gateway.say({ event: "open", sessionKey: "long" });
    await transcript(panel).getByText("Paragraph 899 of").waitFor();
    await drawing(page);
    expect(await page.locator(".assistant .block").count()).toBe(900);
    expect(await page.locator(".assistant .markdown").getAttribute("style")).toBeFalsy();
    expect(await page.getByText("Paragraph 899 of").evaluate((one) => one.getBoundingClientRect().bottom)).toBeLessThan(
      720,
    );
    await page.getByText("Paragraph 0 of").scrollIntoViewIfNeeded();
  }));

test("a sub-agent's task is told as its parent's, by title; what only Pincer calls so is said nowhere", () =>
  withPanel(
    {
      prepare(gateway) {
        gateway.addSession({ key: "s-1", title: "Old work" });
        gateway.addSession({ key: "s-2", title: "Look around", parentKey: "s-1" });
      },
    },
    async ({ page, gateway }) => {
      const run = gateway.submit("s-2", "Look around", { origin: { via: "subagent", id: "run_mx0a" } });
      await gateway.finish(run.id, { type: "done", reply: "" });
      gateway.submit("s-2", "And there", { origin: { via: "subagent", id: "run_mx0b" } });
      gateway.submit("s-2", "Then", { origin: { via: "cron", id: "job_mx0c" } });
      gateway.submit("s-2", "Last", { origin: { via: "cron", id: "nightly" } });
      await gateway.say({ event: "open", sessionKey: "s-2" });
      await expect
        .poll(() => page.locator(".origin").allInnerTexts())
        .toEqual(["Another session\nOld work", "Another session", "Scheduled job", "Scheduled job\nnightly"]);
    },
  ));
