import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTheme, settled, startHarness, twoFrames, type Harness } from "./harness.ts";
import { marked, unmarkedWords } from "./languages.ts";
import { commandApproval } from "./sceneApprovals.ts";
import { callTool, scenes } from "./scenes.ts";
import { themes, type ThemeName } from "./themes.ts";

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[]; failureSummary: string }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

test.each(Object.keys(scenes))(
  "%s says nothing past the language, has nothing serious against it in any theme, and fits into 190 pixels",
  async (name) => {
    const { prepare, act } = scenes[name]!;
    const panel = await harness.open({ bodyClass: "vscode-reduce-motion", texts: marked, prepare });
    await act?.(panel);
    expect(await unmarkedWords(panel)).toEqual([]);
    await panel.page.evaluate(axe);
    for (const [at, theme] of (Object.keys(themes) as ThemeName[]).entries()) {
      await setTheme(panel.page, theme);
      // A theme changes colours, and no more.
      const rules = at === 0 ? {} : { runOnly: ["color-contrast"], preload: false };
      // What passes is not told in full, which takes most of the time.
      const options = JSON.stringify({ ...rules, resultTypes: ["violations"] });
      const { violations } = await panel.page.evaluate<{ violations: Violation[] }>(`axe.run(document, ${options})`);
      const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect({ theme, grave: grave.flatMap(toLines) }).toEqual({ theme, grave: [] });
      expect({ theme, edgeless: await panel.page.evaluate(EDGELESS) }).toEqual({ theme, edgeless: [] });
    }
    // As narrow as the side bar goes, and that at twice the size.
    for (const width of [220, 190]) {
      await panel.page.setViewportSize({ width, height: 720 });
      await twoFrames(panel.page);
      await expect.poll(() => panel.page.evaluate(TOO_WIDE), { message: `At ${width} pixels` }).toEqual([]);
    }
    await panel.close();
  },
);

/** What lies over other things, with neither a line nor a shadow to tell it from them. */
const EDGELESS = `[...document.querySelectorAll("#root *")]
  .filter((element) => element.checkVisibility())
  .filter((element) => {
    const { position, backgroundColor, borderTopWidth, borderTopColor, boxShadow } = getComputedStyle(element);
    const isSeen = (color) => !/rgba\\(.*, 0\\)|transparent/.test(color);
    const hasEdge = (borderTopWidth !== "0px" && isSeen(borderTopColor)) || (boxShadow !== "none" && isSeen(boxShadow));
    return position === "absolute" && isSeen(backgroundColor) && element.offsetHeight > 24 && !hasEdge;
  })
  .map((element) => element.outerHTML.slice(0, 120))`;

const TOO_WIDE = `[...document.querySelectorAll("button, input, textarea, [role=log], body")]
  .filter((element) => element.checkVisibility())
  .filter((element) => {
    const { left, right } = element.getBoundingClientRect();
    const scrolled = element.closest("pre, .table");
    return !scrolled && (left < 0 || right > innerWidth || (element.matches("body, [role=log]") && element.scrollWidth > element.clientWidth));
  })
  .map((element) => element.outerHTML.slice(0, 120))`;

function toLines({ id, nodes }: Violation): string[] {
  return nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary}`);
}

test.each(["hcDark", "hcLight"] as const)(
  "what is found is read with high contrast in %s, and the one that is shown stands out",
  async (theme) => {
    const panel = await harness.open({ theme, prepare: scenes["answered"]!.prepare });
    const [found, current] = await panel.page.evaluate<Colors[]>(HIGHLIGHTS);
    const ground = theme === "hcDark" ? "rgb(0, 0, 0)" : "rgb(255, 255, 255)";
    for (const { color, back } of [found!, current!])
      expect(contrast(color, over(back, ground)), `${color} on ${back}`).toBeGreaterThanOrEqual(7);
    expect(current!.back).not.toBe(found!.back);
    await panel.close();
  },
);

test("only the first of several answers has the first one's border", async () => {
  const panel = await harness.open({ theme: "light", prepare: scenes["approval"]!.prepare });
  await scenes["approval"]!.act?.(panel);
  await panel.page.locator(".offer.secondary").first().waitFor();
  expect(await panel.page.evaluate(BORDERS)).toEqual(["rgb(0, 95, 184)", "rgb(229, 229, 229)"]);
  await panel.close();
});

test.each(["hcDark", "hcLight"] as const)("in %s the command that waits for an answer has a frame", async (theme) => {
  const panel = await harness.open({ theme, prepare: scenes["command"]!.prepare });
  await scenes["command"]!.act?.(panel);
  await panel.page.locator(".approval-subject pre").waitFor();
  expect(await panel.page.evaluate(FRAME)).toBe(theme === "hcDark" ? "rgb(111, 195, 223)" : "rgb(15, 74, 133)");
  await panel.close();
});

const FRAME = `getComputedStyle(document.querySelector(".approval-subject pre")).borderTopColor`;

const BORDERS = `[".primary", ".secondary"].map((kind) =>
  getComputedStyle(document.querySelector(".offer" + kind)).borderTopColor)`;

interface Colors {
  color: string;
  back: string;
}

const HIGHLIGHTS = `["::highlight(found)", "::highlight(found-current)"].map((part) => {
  const { color, backgroundColor } = getComputedStyle(document.body, part);
  return { color, back: backgroundColor };
})`;

const parts = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);

/** A colour that lets through what is beneath it, as it is seen there. */
function over(color: string, ground: string): string {
  const [above, below] = [parts(color), parts(ground)];
  const share = above[3] ?? 1;
  return `rgb(${[0, 1, 2].map((at) => above[at]! * share + below[at]! * (1 - share)).join(", ")})`;
}

/** How many times lighter one of two colours is, as WCAG counts. */
function contrast(one: string, other: string): number {
  const light = (color: string) => {
    const [red, green, blue] = parts(color).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! + 0.05;
  };
  const [dark, bright] = [light(one), light(other)].toSorted((a, b) => a - b);
  return bright! / dark!;
}

test("the keyboard passes through the panel from top to bottom", async () => {
  const panel = await harness.open({ prepare: scenes["answered"]!.prepare });
  // It may be drawn in several goes, from its end on: with what stands first all of it is there.
  await panel.page.getByText("It does three things").waitFor();
  for (const name of ["More actions", /^Model: anthropic/, /^Unasked:/])
    await panel.page.getByRole("button", { name }).waitFor();
  const names: string[] = [];
  for (let step = 0; step < 20; step++) {
    await panel.page.keyboard.press("Tab");
    const focused = await panel.page.evaluate(
      "[document.activeElement === document.body ? '' : (document.activeElement.ariaLabel ?? document.activeElement.textContent), getComputedStyle(document.activeElement).outlineStyle, !!document.activeElement.closest('.composer-box')]",
    );
    const [name, outline, isComposer] = focused as [string, string, boolean];
    if (name === "") break;
    // The composer shows its focus on the box around it.
    expect({ name, ring: outline !== "none" || isComposer }).toEqual({ name, ring: true });
    names.push(name.trim());
  }
  expect(names).toEqual([
    "Main session",
    "More actions",
    "New session",
    "Messages",
    "Go back to before this message…",
    "Copy",
    "Insert at cursor",
    "Apply as a change…",
    "Code, ts",
    "Table",
    "the guide",
    "runLoop.ts",
    "Message",
    "Attach files…",
    "Add files, problems, changes and more (@)",
    "Model: anthropic/claude-sonnet-5-5. Choose another",
    "Unasked: Ask. Choose another",
  ]);
  await panel.close();
});

test("nothing moves for those who asked for that, and nothing scrolls for screen readers", async () => {
  const panel = await harness.open({
    bodyClass: "vscode-reduce-motion vscode-using-screen-reader",
    prepare: scenes["long"]!.prepare,
  });
  await panel.page.getByText("Answer 200.").waitFor();
  await settled(panel.page);
  const run = panel.gateway.submit("main", "Go", { origin: { via: "api" } });
  await panel.gateway.emit(run.id, { type: "tool.started", callId: "c", name: "exec", input: {} });
  await settled(panel.page);
  expect(await panel.page.evaluate("document.getAnimations().length")).toBe(0);
  const place = () =>
    panel.page.getByRole("log").evaluate(({ scrollTop, scrollHeight }) => ({ scrollTop, scrollHeight }));
  const before = await place();
  await panel.gateway.emit(run.id, { type: "text.delta", text: "Line.\n\n".repeat(30) });
  await settled(panel.page);
  const { scrollTop, scrollHeight } = await place();
  expect(scrollHeight).toBeGreaterThan(before.scrollHeight);
  expect(scrollTop).toBe(before.scrollTop);
  await panel.close();
});

test("what opens has the focus before another key can come", async () => {
  const panel = await harness.open({
    prepare(gateway) {
      const run = gateway.submit("main", "Where is the harbour?");
      void gateway.finish(run.id, { type: "done", reply: "" });
    },
  });
  const { page } = panel;
  await page.getByRole("button", { name: "More actions" }).waitFor();
  // No frame passes meanwhile, nor does a key.
  const focusedBy = (act: string) =>
    page.evaluate(`(async () => {
      const find = (selector, text = "") => [...document.querySelectorAll(selector)].find((one) => one.textContent.includes(text));
      const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      ${act};
      for (let turn = 0; turn < 20; turn++) await undefined;
      return document.activeElement.ariaLabel ?? document.activeElement.textContent.trim();
    })()`);
  expect(await focusedBy('find(".session-toggle").click()')).toBe("Find a session");
  expect(await focusedBy('find("[role=option]").dispatchEvent(new MouseEvent("contextmenu", { bubbles: true }))')).toBe(
    "Pin",
  );
  expect(await focusedBy('press("Escape")')).toBe("Find a session");
  expect(await focusedBy('press("Escape")')).toBe("Main session");
  expect(await focusedBy("find('[aria-label=\"More actions\"]').click()")).toBe("Find… (Ctrl+F)");
  expect(await focusedBy("find('[role=menuitem]').click()")).toBe("Find in this session");
  expect(await focusedBy('press("Escape")')).toBe("Message");
  await page.getByRole("button", { name: "More actions" }).focus();
  const told = `data: { type: "host", event: "focus" }`;
  expect(await focusedBy(`dispatchEvent(new MessageEvent("message", { ${told} }))`)).toBe("Message");
  await page.getByRole("button", { name: "More actions" }).focus();
  expect(await focusedBy("find('[aria-label^=\"Add files, problems\"]').click()")).toBe("Message");
  expect(await focusedBy("find('[aria-label=\"More actions\"]').click()")).toBe("Find… (Ctrl+F)");
  expect(await focusedBy("find('[role=menuitem]', 'Rename').click()")).toBe("Title of the session");
  await panel.close();
});

test("the keyboard goes on in the composer where a button goes away or is disabled by its own press", async () => {
  const panel = await harness.open({});
  const { page, gateway } = panel;
  const { keyboard } = page;
  const message = page.getByRole("textbox", { name: "Message" });
  let written = "";
  const typesOn = async () => {
    await page.locator("textarea:focus").waitFor();
    await keyboard.type("x");
    written += "x";
    expect(await message.inputValue()).toBe(written);
  };
  const first = gateway.submit("main", "One");
  await page.getByText("One", { exact: true }).waitFor();
  for (const text of ["Two", "Three"]) gateway.submit("main", text);
  await page.locator(".pending", { hasText: "Three" }).getByRole("button", { name: "Remove" }).click();
  await typesOn();
  await page.locator(".pending", { hasText: "Two" }).getByRole("button", { name: "Send now" }).press("Enter");
  await typesOn();
  await page.getByText("Queued").waitFor({ state: "detached" });
  const late = gateway.delay("runs.cancel");
  await page.getByRole("button", { name: "Stop (Escape)" }).press("Enter");
  // It is disabled, and not yet done.
  await typesOn();
  late.arrive();
  await page.getByRole("button", { name: /^Stop/ }).waitFor({ state: "detached" });
  const failed = gateway.submit("main", "Go");
  await gateway.finish(failed.id, { type: "failed", error: { code: "internal", message: "It broke." } });
  await page.getByRole("button", { name: "Retry" }).click();
  await typesOn();
  expect(first.state).not.toBe("running");
  await panel.close();
});

test("a button that goes away once its page has lost the keyboard takes it from nobody", async () => {
  const panel = await harness.open({});
  const { page } = panel;
  const focusedBy = (leave: string) =>
    page.evaluate(`(async () => {
      const button = document.body.appendChild(document.createElement("button"));
      button.focus();
      button.click();
      ${leave};
      button.remove();
      await new Promise((resolve) => setTimeout(resolve));
      await new Promise(requestAnimationFrame);
      return document.activeElement.tagName;
    })()`);
  expect(await focusedBy("dispatchEvent(new Event('blur'))")).toBe("BODY");
  expect(await focusedBy("")).toBe("TEXTAREA");
  await panel.close();
});

test("what is typed right after an approval is answered is in the composer, before the answer is taken", async () => {
  const panel = await harness.open({});
  const { page, gateway } = panel;
  const run = gateway.submit("main", "Test it");
  await gateway.emit(run.id, ...callTool("call-exec", "exec", { command: "npm test" }), {
    type: "approval.asked",
    approval: commandApproval(run.id),
  });
  const late = gateway.delay("approvals.answer");
  await page.getByRole("button", { name: "Allow once" }).click();
  await page.locator("textarea:focus").waitFor();
  await page.keyboard.type("on");
  late.arrive();
  await page.locator(".approval").waitFor({ state: "detached" });
  expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("on");
  await panel.close();
});
