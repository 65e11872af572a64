import { afterAll, beforeAll } from "vitest";
import type { Locator } from "playwright-core";
import { startHarness, type Harness, type PanelOptions, type PanelPage } from "./harness.ts";

/** One browser for a file's tests; each test has a panel of its own, whose errors fail it. */
export function openPanels(): (options: PanelOptions, work: (panel: PanelPage) => Promise<void>) => Promise<void> {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.close());
  return async (options, work) => {
    const panel = await harness.open(options);
    try {
      await work(panel);
    } catch (error) {
      // What the page reported may be why, and nobody gets a tab in such a state.
      await panel.page.context().close();
      if (panel.problems.length === 0) throw error;
      throw new AggregateError([error], `The page reported errors:\n${panel.problems.join("\n")}`, { cause: error });
    }
    await panel.close();
  };
}

export const composer = ({ page }: PanelPage) => page.getByRole("textbox", { name: "Message" });
export const chips = ({ page }: PanelPage) => page.locator(".composer .chip-name");
export const transcript = ({ page }: PanelPage) => page.getByRole("log");

/** Presses keys in what has appeared, once it has the focus: before that they go to what had it. */
export async function pressIn(place: Locator, ...keys: string[]): Promise<void> {
  await place.locator(":focus").waitFor();
  for (const key of keys) await place.page().keyboard.press(key);
}
