import { afterAll, beforeAll } from "vitest";
import { startHarness, type Harness, type PanelOptions, type PanelPage } from "./harness.ts";

/** One browser for a file's tests; each test has a panel of its own, whose errors fail it. */
export function openPanels(): (options: PanelOptions, work: (panel: PanelPage) => Promise<void>) => Promise<void> {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness();
  }, 60_000);
  afterAll(() => harness.close());
  return async (options, work) => {
    const panel = await harness.open(options);
    await work(panel);
    await panel.close();
  };
}

export const composer = ({ page }: PanelPage) => page.getByRole("textbox", { name: "Message" });
export const transcript = ({ page }: PanelPage) => page.getByRole("log");
